import { lineMaker } from './round-figures.ts';
import type { Line } from './table.ts';
import type { ThroughputRound } from './throughput-round.ts';

/** P4: what a queue costs in Redis, and what the processes hold, at their peak, after all rounds before. */
export function memoryLines(rounds: readonly ThroughputRound[]): Line[] {
  const line = lineMaker('P4', rounds);
  const queued = (round: ThroughputRound): number =>
    ((round.fill?.redisMegabytes ?? Number.NaN) * 100_000) / round.events;
  return [
    line('memory of Redis per 100k queued events', 'MB', queued, { atMost: 30 }),
    line('resident memory of the fetcher, peak', 'MB', (round) => round.resident.fetcher.peak, {
      atMost: 150,
    }),
    line('resident memory of the indexer, peak', 'MB', (round) => round.resident.indexer.peak, {
      atMost: 150,
    }),
    line('the fetcher after a drain', 'MB', (round) => round.resident.fetcher.now),
    line('the indexer after a drain', 'MB', (round) => round.resident.indexer.now),
  ];
}
