import { cpuPer100k, lineMaker, rate } from './round-figures.ts';
import type { Line } from './table.ts';
import type { ThroughputRound } from './throughput-round.ts';

const goal = { atLeast: 1.5 };

/**
 * P3: the same events once more, each met by its own document, whose digest is compared. Rounds in which anything is lost or
 * doubled are no measurement: they end the benchmark.
 */
export function replayLines(rounds: readonly ThroughputRound[]): Line[] {
  const line = lineMaker('P3', rounds);
  return [
    line(
      'replay of an indexed window, drain of a filled queue, to first write',
      '',
      (round) => rate(round, 'replay') / rate(round, 'drain'),
      goal,
    ),
    line('replay', 'events/s', (round) => rate(round, 'replay')),
    line('replay with the fetcher at work', 'events/s', (round) => rate(round, 'replayEndToEnd')),
    line('CPU of the indexer per 100k events, replay', 's', (round) =>
      cpuPer100k(round, 'replay', 'indexer'),
    ),
    line('CPU of Elasticsearch per 100k events, replay', 's', (round) =>
      cpuPer100k(round, 'replay', 'elasticsearch'),
    ),
  ];
}
