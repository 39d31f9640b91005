import { cpuPer100k, lineMaker } from './round-figures.ts';
import type { Line } from './table.ts';
import type { ThroughputRound } from './throughput-round.ts';

/** P2: what Trunkline costs in CPU time, its queue included, while it carries a backlog end to end. */
export function cpuLines(rounds: readonly ThroughputRound[]): Line[] {
  const line = lineMaker('P2', rounds);
  return [
    line(
      'CPU of fetcher, indexer and Redis per 100k events',
      's',
      (round) => cpuPer100k(round, 'endToEnd', 'fetcher', 'indexer', 'redis'),
      { atMost: 3 },
    ),
    line('of these the fetcher', 's', (round) => cpuPer100k(round, 'endToEnd', 'fetcher')),
    line('the indexer', 's', (round) => cpuPer100k(round, 'endToEnd', 'indexer')),
    line('Redis', 's', (round) => cpuPer100k(round, 'endToEnd', 'redis')),
  ];
}
