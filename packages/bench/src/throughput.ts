import { Ceiling } from './ceiling.ts';
import type { Bench } from './measure.ts';
import { drainSettings, Pipeline } from './pipeline.ts';
import { Source } from './source.ts';
import { shortNumber } from './table.ts';
import { type PhaseName, type ThroughputRound, throughputRound } from './throughput-round.ts';

/**
 * Rounds that are thrown away: they warm the JVM, Node's compiler and the connections. The compiler threads of Elasticsearch alone
 * use 11 s of processor time in the first end-to-end phase of 100,000 events, then 2.4, 1.2, 0.5 and 0.3 s; the ceiling, which
 * comes behind that phase in each round, would be spared the most of it.
 */
const warmUpRounds = 3;

/** The rounds that P1 to P4 share. Processes stay up from the first round, thrown away or not, to the last. */
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

  for (let number = 1; number <= warmUpRounds; number++) {
    tell(`warming up, ${number} of ${warmUpRounds}`);
    await throughputRound(rig, options.events, phases);
  }
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
