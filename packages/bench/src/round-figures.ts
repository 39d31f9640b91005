/** Pure: figures of a throughput round. */
import { cpus } from 'node:os';
import type { Line } from './table.ts';
import type { CpuSeconds, Phase, ThroughputRound } from './throughput-round.ts';

export type PhaseOfRound = {
  [Name in keyof ThroughputRound]: ThroughputRound[Name] extends Phase | null ? Name : never;
}[keyof ThroughputRound];

/** Events a second of a phase. */
export function rate(round: ThroughputRound, phase: PhaseOfRound): number {
  return round.events / measured(round, phase).seconds;
}

/** CPU seconds that somebody used in a phase, for 100,000 events. */
export function cpuPer100k(
  round: ThroughputRound,
  phase: PhaseOfRound,
  ...who: readonly (keyof CpuSeconds)[]
): number {
  const { cpu } = measured(round, phase);
  return (who.reduce((sum, one) => sum + cpu[one], 0) * 100_000) / round.events;
}

export function eventsPerBulk(round: ThroughputRound, phase: PhaseOfRound): number {
  return round.events / measured(round, phase).bulks;
}

/** The part of the machine's cores that others used during a phase. */
export function othersShare(round: ThroughputRound, phase: PhaseOfRound): number {
  const { cpu, seconds } = measured(round, phase);
  return cpu.others / (seconds * cpus().length);
}

function measured(round: ThroughputRound, phase: PhaseOfRound): Phase {
  const found = round[phase];
  if (found === null) throw new Error(`A figure asks for the phase ${phase}, which was not run.`);
  return found;
}

/** Makes the rows of one measure. */
export function lineMaker(measure: string, rounds: readonly ThroughputRound[]) {
  return (
    what: string,
    unit: string,
    of: (round: ThroughputRound) => number,
    goal: Line['goal'] = null,
  ): Line => ({ measure, what, unit, goal, rounds: rounds.map(of) });
}
