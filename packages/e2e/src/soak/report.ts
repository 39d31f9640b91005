import { cpus, totalmem } from 'node:os';
import type { Outage } from './outage-run.ts';
import type { Steady } from './steady-run.ts';
import type { Tally } from './tally.ts';

/** The report of the long runs, in Markdown, and whether all of it was sound. */
export function reportOf(run: { seed: number; at: Date; steady: Steady | null; outage: Outage | null }): {
  text: string;
  sound: boolean;
} {
  const { steady, outage } = run;
  const trouble = [...(steady?.trouble ?? []), ...(outage?.trouble ?? [])];
  const about = `Seed ${run.seed}, Node ${process.version}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB.`;
  const text = [
    `# Long runs, ${run.at.toISOString().slice(0, 10)}`,
    '',
    `Real Redis and Elasticsearch, the simulator's ledger against Elasticsearch. ${about}`,
    '',
    '| run | duration | faults | events | lost | twice | altered | from nowhere | dead letters | failed jobs |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...(steady === null
      ? []
      : [row(`steady, ${steady.rate} events/s`, steady.durationMs, total(steady.struck), steady.tally)]),
    ...(outage === null
      ? []
      : [row('outage of Elasticsearch', outage.outageMs + outage.drainMs, 1, outage.tally)]),
    '',
    trouble.length === 0 ? 'No trouble.' : `Trouble:\n${trouble.map((line) => `- ${line}`).join('\n')}`,
    ...(steady === null ? [] : ['', ...memorySection(steady), '', ...faultSection(steady)]),
    ...(outage === null ? [] : ['', ...boundsSection(outage)]),
  ];
  return { text: `${text.join('\n')}\n`, sound: trouble.length === 0 };
}

function memorySection({ memory }: Steady): string[] {
  return [
    '## Resident memory (MB, medians)',
    '',
    '| process | second quarter | last quarter |',
    '|---|---|---|',
    ...memory.map(({ process, early, late }) => `| ${process} | ${early.toFixed(0)} | ${late.toFixed(0)} |`),
  ];
}

function faultSection({ struck }: Steady): string[] {
  const faults = [...struck].sort(([a], [b]) => a.localeCompare(b));
  return [
    '## Faults',
    '',
    '| fault | times |',
    '|---|---|',
    ...faults.map(([name, times]) => `| ${name} | ${times} |`),
  ];
}

function boundsSection(outage: Outage): string[] {
  const { queueMost, redisMostMb, spoolMostBatches, spoolMostMb, outageMs, drainMs } = outage;
  return [
    '## Bounds in the outage',
    '',
    `High-water mark ${outage.highWaterBatches} batches. The queue held at most ${queueMost} batches, Redis at most`,
    `${redisMostMb.toFixed(0)} MB more than before, the spool at most ${spoolMostBatches} batches (${spoolMostMb.toFixed(0)} MB).`,
    `Fetched in ${minutes(outageMs)}, drained in ${minutes(drainMs)}.`,
  ];
}

function row(name: string, durationMs: number, faults: number, tally: Tally): string {
  const { events, lost, twice, altered, extra, deadLettered, failedJobs } = tally;
  const cells = [
    name,
    minutes(durationMs),
    faults,
    events,
    lost,
    twice,
    altered,
    extra,
    deadLettered,
    failedJobs,
  ];
  return `| ${cells.join(' | ')} |`;
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}

function total(struck: ReadonlyMap<string, number>): number {
  return [...struck.values()].reduce((all, times) => all + times, 0);
}
