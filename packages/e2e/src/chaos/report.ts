import type { Verdict } from '@trunkline/test-kit';

/** One round as it is told in the report. */
export interface ReportedRound {
  seed: number;
  faults: readonly string[];
  /** `null`: the round did not drain, so nothing could be compared. */
  verdict: Verdict | null;
  failedJobs: number;
  durationMs: number;
  /** Why it failed; `null`: it did not. */
  trouble: string | null;
}

export function isClean({ verdict, failedJobs, trouble }: ReportedRound): boolean {
  if (verdict === null || trouble !== null || failedJobs > 0) return false;
  const { missing, twice, altered, extra } = verdict;
  return [missing, twice, altered, extra].every((list) => list.length === 0);
}

/** The report in Markdown: totals, how often each fault struck, and every round that was not clean. */
export function reportText(
  rounds: readonly ReportedRound[],
  about: { startedAt: Date; firstSeed: number; machine: string },
): string {
  const sum = (of: (round: ReportedRound) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const count = (list: 'missing' | 'twice' | 'altered' | 'extra'): number =>
    sum(({ verdict }) => verdict?.[list].length ?? 0);
  const strikes = new Map<string, number>();
  for (const fault of rounds.flatMap(({ faults }) => faults)) {
    strikes.set(fault, (strikes.get(fault) ?? 0) + 1);
  }
  const dirty = rounds.filter((round) => !isClean(round));
  const facts: [string, string | number][] = [
    ['rounds', rounds.length],
    ['rounds that were not clean', dirty.length],
    ['faults that struck', sum(({ faults }) => faults.length)],
    ['events', sum(({ verdict }) => verdict?.due ?? 0)],
    ['indexed', sum(({ verdict }) => verdict?.indexed ?? 0)],
    ['lost', count('missing')],
    ['twice', count('twice')],
    ['altered', count('altered')],
    ['from nowhere', count('extra')],
    ['failed jobs', sum(({ failedJobs }) => failedJobs)],
    ['hours', (sum(({ durationMs }) => durationMs) / 3_600_000).toFixed(2)],
  ];
  return [
    '# Random faults',
    '',
    `Begun ${about.startedAt.toISOString()} on ${about.machine}; seeds from ${about.firstSeed}. Made by \`npm run test:faults\`.`,
    '',
    '| | |',
    '|---|---|',
    ...facts.map(([name, value]) => `| ${name} | ${value} |`),
    '',
    '| fault | struck |',
    '|---|---|',
    ...[...strikes].sort(([a], [b]) => a.localeCompare(b)).map(([name, times]) => `| ${name} | ${times} |`),
    '',
    ...(dirty.length === 0 ? ['Every round was clean.'] : ['## Rounds that were not clean', '']),
    ...dirty.map(dirtyText),
    '',
  ].join('\n');
}

function dirtyText({ seed, faults, verdict, failedJobs, trouble }: ReportedRound): string {
  const wrong = Object.entries(verdict ?? {})
    .filter((entry): entry is [string, string[]] => Array.isArray(entry[1]) && entry[1].length > 0)
    .map(([name, ids]) => `${name} ${ids.length} (${ids.slice(0, 3).join(', ')})`);
  const parts = [
    ...wrong,
    ...(failedJobs > 0 ? [`failed jobs ${failedJobs}`] : []),
    ...(trouble === null ? [] : [trouble]),
  ];
  return `- seed ${seed}: ${faults.join(' + ')}: ${parts.join('; ')}`;
}
