import { Ceiling } from './ceiling.ts';
import type { Bench } from './measure.ts';
import { drainSettings, Pipeline } from './pipeline.ts';
import { Source } from './source.ts';
import { shortNumber } from './table.ts';
import { type PhaseName, type ThroughputRound, throughputRound } from './throughput-round.ts';

/**
 * The rounds that P1 to P4 share, after one that is thrown away: it warms the JVM, Node's compiler and the connections.
 * Processes stay up from the first round to the last.
 */
export async function throughputRounds(
  { parts, options, tell }: Bench,
  phases: ReadonlySet<PhaseName>,
): Promise<ThroughputRound[]> {
  await using source = await Source.start(parts.folder, 0, options.profile);
  await using pipeline = new Pipeline({
    name: 'drain',
    parts,
    source,
    settings: { ...drainSettings, ...options.settings },
    profile: options.profile,
  });
  await using ceiling = new Ceiling(parts);
  await ceiling.install();
  const indexer = await pipeline.start('indexer');
  const fetcher = await pipeline.start('fetcher');
  const rig = { parts, source, pipeline, fetcher, indexer, ceiling };

  tell('warming up');
  await throughputRound(rig, options.events, phases);
  const rounds: ThroughputRound[] = [];
  for (let number = 1; number <= options.rounds; number++) {
    const round = await throughputRound(rig, options.events, phases);
    rounds.push(round);
    tell(`round ${number} of ${options.rounds}: ${toldRound(round)}`);
  }
  return rounds;
}

function toldRound(round: ThroughputRound): string {
  const { events, resident, ...phases } = round;
  return Object.entries(phases)
    .flatMap(([name, phase]) => (phase === null ? [] : [`${name} ${shortNumber(events / phase.seconds)}/s`]))
    .join(', ');
}
