/** What was compared at the end of a round. */
export interface Compared {
  /** How much there was, by what it is called in the report. */
  counts: Record<string, number>;
  /** What was wrong, by what that is called; each list is empty in a clean round. */
  wrong: Record<string, readonly string[]>;
  failedJobs: number;
}

/** One round as it is told in the report. */
export interface ReportedRound {
  seed: number;
  faults: readonly string[];
  /** `null`: the round did not come to its end, so nothing could be compared. */
  compared: Compared | null;
  durationMs: number;
  /** Why it failed; `null`: it did not. */
  trouble: string | null;
}

export function isClean({ compared, trouble }: ReportedRound): boolean {
  if (compared === null || trouble !== null || compared.failedJobs > 0) return false;
  return Object.values(compared.wrong).every((list) => list.length === 0);
}

/** The report in Markdown: totals, how often each fault struck, and every round that was not clean. */
export function reportText(
  rounds: readonly ReportedRound[],
  about: { startedAt: Date; firstSeed: number; machine: string },
): string {
  const sum = (of: (round: ReportedRound) => number): number =>
    rounds.reduce((total, round) => total + of(round), 0);
  const names = (of: 'counts' | 'wrong'): string[] => [
    ...new Set(rounds.flatMap(({ compared }) => Object.keys(compared?.[of] ?? {}))),
  ];
  const strikes = new Map<string, number>();
  for (const fault of rounds.flatMap(({ faults }) => faults)) {
    strikes.set(fault, (strikes.get(fault) ?? 0) + 1);
  }
  const dirty = rounds.filter((round) => !isClean(round));
  const facts: [string, string | number][] = [
    ['rounds', rounds.length],
    ['rounds that were not clean', dirty.length],
    ['faults that struck', sum(({ faults }) => faults.length)],
    ...names('counts').map((name): [string, number] => [
      name,
      sum(({ compared }) => compared?.counts[name] ?? 0),
    ]),
    ...names('wrong').map((name): [string, number] => [
      name,
      sum(({ compared }) => compared?.wrong[name]?.length ?? 0),
    ]),
    ['failed jobs', sum(({ compared }) => compared?.failedJobs ?? 0)],
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

function dirtyText(round: ReportedRound): string {
  return `- seed ${round.seed}: ${round.faults.join(' + ')}: ${troubleText(round)}`;
}

/** What was not clean in a round, with a few examples. */
export function troubleText({ compared, trouble }: ReportedRound): string {
  const wrong = Object.entries(compared?.wrong ?? {})
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name} ${list.length} (${list.slice(0, 3).join(', ')})`);
  const failedJobs = compared?.failedJobs ?? 0;
  return [
    ...wrong,
    ...(failedJobs > 0 ? [`failed jobs ${failedJobs}`] : []),
    ...(trouble === null ? [] : [trouble]),
  ].join('; ');
}
