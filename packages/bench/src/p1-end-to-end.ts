import { cpuPer100k, eventsPerBulk, lineMaker, othersShare, rate } from './round-figures.ts';
import type { Line } from './table.ts';
import type { ThroughputRound } from './throughput-round.ts';

const goal = { atLeast: 0.8 };

/** P1: the drain of a backlog as a share of the ceiling, with the fetcher at work, and from a queue that is full already. */
export function endToEndLines(rounds: readonly ThroughputRound[]): Line[] {
  const line = lineMaker('P1', rounds);
  const share = (round: ThroughputRound, phase: 'endToEnd' | 'drain'): number =>
    rate(round, phase) / rate(round, `${phase}Ceiling`);
  return [
    line('fetch and index end to end, share of the ceiling', '', (round) => share(round, 'endToEnd'), goal),
    line('index drain of a filled queue, share of the ceiling', '', (round) => share(round, 'drain'), goal),
    line('end to end', 'events/s', (round) => rate(round, 'endToEnd')),
    line('its ceiling', 'events/s', (round) => rate(round, 'endToEndCeiling')),
    line('index drain', 'events/s', (round) => rate(round, 'drain')),
    line('its ceiling', 'events/s', (round) => rate(round, 'drainCeiling')),
    line('fetch alone, onto the queue', 'events/s', (round) => rate(round, 'fill')),
    line('CPU of Elasticsearch per 100k events, end to end', 's', (round) =>
      cpuPer100k(round, 'endToEnd', 'elasticsearch'),
    ),
    line('the same, ceiling', 's', (round) => cpuPer100k(round, 'endToEndCeiling', 'elasticsearch')),
    line('CPU of Elasticsearch per 100k events, index drain', 's', (round) =>
      cpuPer100k(round, 'drain', 'elasticsearch'),
    ),
    line('the same, ceiling', 's', (round) => cpuPer100k(round, 'drainCeiling', 'elasticsearch')),
    line('events of a bulk request, end to end', '', (round) => eventsPerBulk(round, 'endToEnd')),
    line('the same, index drain', '', (round) => eventsPerBulk(round, 'drain')),
    line('CPU of the simulator per 100k events, end to end', 's', (round) =>
      cpuPer100k(round, 'endToEnd', 'simulator'),
    ),
    line("others' programs, share of the machine, end to end", '', (round) => othersShare(round, 'endToEnd')),
    line('the same, ceiling', '', (round) => othersShare(round, 'endToEndCeiling')),
  ];
}
