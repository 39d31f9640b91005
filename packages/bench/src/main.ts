import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine, describeParts } from './machine.ts';
import type { Bench } from './measure.ts';
import { type BenchOptions, type MeasureId, parseOptions, usage } from './options.ts';
import { endToEndLines } from './p1-end-to-end.ts';
import { cpuLines } from './p2-cpu.ts';
import { replayLines } from './p3-replay.ts';
import { memoryLines } from './p4-memory.ts';
import { archiveLines } from './p6-archive.ts';
import { latencyLines } from './p7-latency.ts';
import { idleLines } from './p8-idle.ts';
import { replicaLines } from './p9-replicas.ts';
import { dashboardLines } from './p10-dashboard.ts';
import { Parts } from './parts.ts';
import { build } from './processes.ts';
import { type Line, markdownTable } from './table.ts';
import { throughputRounds } from './throughput.ts';
import type { PhaseName, ThroughputRound } from './throughput-round.ts';

/** Measures that share the throughput rounds: the phases they need, and what they make of a round. */
const ofRounds: Partial<
  Record<MeasureId, { phases: readonly PhaseName[]; lines: (rounds: readonly ThroughputRound[]) => Line[] }>
> = {
  P1: { phases: ['endToEnd', 'ceiling', 'drain'], lines: endToEndLines },
  P2: { phases: ['endToEnd'], lines: cpuLines },
  P3: { phases: ['drain', 'replay'], lines: replayLines },
  P4: { phases: ['endToEnd', 'drain'], lines: memoryLines },
};

const alone: Partial<Record<MeasureId, (bench: Bench) => Promise<Line[]>>> = {
  P7: latencyLines,
  P8: idleLines,
  P9: replicaLines,
  P10: dashboardLines,
};

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const machine = await describeMachine();
  const archive = options.only.includes('P6') ? await archiveFigures(options) : null;
  const others = options.only.filter((id) => id !== 'P6');
  const audit = others.length === 0 ? null : await auditFigures({ ...options, only: others });
  const lines = [...(audit?.lines ?? []), ...(archive?.lines ?? [])];

  const set = Object.entries(options.settings).map(([name, value]) => ` ${name}=${value}`);
  const how = [machine, ...[audit, archive].flatMap((figures) => figures?.how ?? [])].join('. ');
  const report = `${markdownTable(lines)}\n\n${how}; bold: judged by the median.${set.length === 0 ? '' : ` Set:${set.join(',')}.`}\n`;
  process.stdout.write(`\n${report}`);
  if (options.out !== null) {
    mkdirSync(path.dirname(options.out), { recursive: true });
    writeFileSync(options.out, `# Benchmark of ${new Date().toISOString().slice(0, 10)}\n\n${report}`);
  }
}

interface Figures {
  lines: Line[];
  /** A sentence on how they came about, without its full stop. */
  how: string;
}

function tell(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

async function archiveFigures(options: BenchOptions): Promise<Figures> {
  tell('building');
  await build(['fetcher', 'redactor', 'uploader', 'simulator']);
  const { lines, redis } = await archiveLines(options, (line) => tell(`P6: ${line}`));
  return { lines, how: `Archives: Redis ${redis}, moto as S3, stage on disk, one after the other` };
}

async function auditFigures(options: BenchOptions): Promise<Figures> {
  tell('building');
  await build([
    'fetcher',
    'indexer',
    'simulator',
    ...(options.only.some((id) => id === 'P8' || id === 'P10')
      ? (['dashboard', 'redactor', 'uploader'] as const)
      : []),
  ]);
  tell('starting Redis and Elasticsearch');
  await using parts = await Parts.start();
  const lines: Line[] = [];

  const shared = options.only.flatMap((id) => ofRounds[id] ?? []);
  if (shared.length > 0) {
    const phases = new Set(shared.flatMap((measure) => measure.phases));
    const bench = { parts, options, tell: (line: string) => tell(`throughput: ${line}`) };
    const rounds = await throughputRounds(bench, phases);
    for (const measure of shared) lines.push(...measure.lines(rounds));
  }
  for (const id of options.only) {
    const measure = alone[id];
    if (measure !== undefined)
      lines.push(...(await measure({ parts, options, tell: (line) => tell(`${id}: ${line}`) })));
  }
  const { rounds, events, seconds } = options;
  return {
    lines,
    how: `${await describeParts(parts)}. ${rounds} rounds of ${events} events, latency and idle over ${seconds} s`,
  };
}

try {
  await run(process.argv.slice(2));
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n\n${usage}\n`);
  process.exit(1);
}
