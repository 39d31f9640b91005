/**
 * One round of the throughput measures: the same warm processes in turns with the ceiling, each phase between two states in
 * which everything is settled.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ceiling } from './ceiling.ts';
import { cpuSecondsOf, cpuSecondsOfGroup, cpuSecondsOfMachine, residentMegabytes } from './cpu.ts';
import type { Parts } from './parts.ts';
import { type Pipeline, pageEvents } from './pipeline.ts';
import type { BenchProcess } from './processes.ts';
import type { Source } from './source.ts';

/** CPU seconds of a phase, by who used them. */
export interface CpuSeconds {
  fetcher: number;
  indexer: number;
  redis: number;
  elasticsearch: number;
  simulator: number;
  bench: number;
  /** Everything else on this machine: what makes a measurement doubtful. */
  others: number;
}

export interface Phase {
  seconds: number;
  cpu: CpuSeconds;
  /** Bulk requests of the indexer. */
  bulks: number;
}

/** What a round measured; `null` where nobody asked for that phase. */
export interface ThroughputRound {
  events: number;
  /** From the simulator to settled, fetcher and indexer at work together. */
  endToEnd: Phase | null;
  /** The documents of `endToEnd`, by the ceiling. */
  endToEndCeiling: Phase | null;
  /** From the simulator onto the queue, nobody taking from it. */
  fill: (Phase & { redisMegabytes: number }) | null;
  /** From that queue to settled. */
  drain: Phase | null;
  drainCeiling: Phase | null;
  /** The same again: every event is there already. */
  replay: Phase | null;
  replayEndToEnd: Phase | null;
  resident: { fetcher: { now: number; peak: number }; indexer: { now: number; peak: number } };
}

const bulkSeries = 'trunkline_elasticsearch_bulk_seconds_count{service="indexer",result="answered"}';

export type PhaseName = 'endToEnd' | 'ceiling' | 'drain' | 'replay';

export interface Rig {
  parts: Parts;
  source: Source;
  pipeline: Pipeline;
  fetcher: BenchProcess;
  indexer: BenchProcess;
  ceiling: Ceiling;
}

/** @throws Error where an event was lost or doubled */
export async function throughputRound(
  rig: Rig,
  events: number,
  phases: ReadonlySet<PhaseName>,
): Promise<ThroughputRound> {
  const { pipeline, source, fetcher, indexer } = rig;
  const round: ThroughputRound = {
    events,
    endToEnd: null,
    endToEndCeiling: null,
    fill: null,
    drain: null,
    drainCeiling: null,
    replay: null,
    replayEndToEnd: null,
    resident: { fetcher: residentMegabytes(fetcher.pid), indexer: residentMegabytes(indexer.pid) },
  };
  let { events: expected } = await pipeline.stored();
  const check = async (what: string): Promise<void> => {
    const stored = await pipeline.stored();
    if (stored.events === expected && stored.deadLetters === 0) return;
    throw new Error(
      `${what}: ${expected} events should be stored and none dead, but ${stored.events} are, and ${stored.deadLetters} dead letters.`,
    );
  };

  if (phases.has('endToEnd')) {
    const added = await endToEnd(rig, events);
    round.endToEnd = added;
    expected += events;
    await check('End to end');
    if (phases.has('ceiling')) round.endToEndCeiling = await sendByCeiling(rig, added.position);
  }
  round.resident = { fetcher: residentMegabytes(fetcher.pid), indexer: residentMegabytes(indexer.pid) };

  if (phases.has('drain')) {
    const mark = await pipeline.mark();
    const target = await nextTarget(rig, events);
    await pipeline.pause();
    const memoryBefore = await redisMegabytes(rig.parts);
    const position = await source.add(events);
    const fill = await phase(rig, () => pipeline.untilReceived(target));
    round.fill = { ...fill, redisMegabytes: (await redisMegabytes(rig.parts)) - memoryBefore };
    round.drain = await drain(rig, target);
    expected += events;
    await check('Drain of the queue');
    if (phases.has('ceiling')) round.drainCeiling = await sendByCeiling(rig, position);

    if (phases.has('replay')) {
      await quiet(rig.parts);
      await pipeline.pause();
      await mark.restore();
      await pipeline.untilReceived(target);
      round.replay = await drain(rig, target);
      await check('Replay');
      await quiet(rig.parts);
      round.replayEndToEnd = await phase(rig, async () => {
        await mark.restore();
        await pipeline.untilSettled(target);
      });
      await check('Replay end to end');
    }
  }
  return round;
}

async function endToEnd(rig: Rig, events: number): Promise<Phase & { position: number }> {
  const { source, pipeline, parts } = rig;
  await quiet(parts);
  const target = await nextTarget(rig, events);
  const position = await source.add(events);
  let settledAt = 0;
  const { cpu, bulks } = await phase(rig, async () => {
    await pipeline.untilSettled(target);
    settledAt = Date.now();
  });
  // The wait for the next poll is not part of the rate.
  const seconds = (settledAt - (await source.firstServedAt(position))) / 1_000;
  return { seconds, cpu, bulks, position };
}

/** With the queue paused and filled. */
async function drain(rig: Rig, target: number): Promise<Phase> {
  await quiet(rig.parts);
  return phase(rig, async () => {
    await rig.pipeline.resume();
    await rig.pipeline.untilSettled(target);
  });
}

async function sendByCeiling({ ceiling, source, ...rig }: Rig, position: number): Promise<Phase> {
  const texts = await source.texts(position);
  const bodies = await ceiling.bodies(texts);
  await quiet(rig.parts);
  let seconds = 0;
  const { cpu } = await phase({ ...rig, ceiling, source }, async () => {
    seconds = await ceiling.send(bodies);
  });
  await ceiling.verify(texts.length);
  return { seconds, cpu, bulks: bodies.length };
}

/** The number of the page that ends so many events to come. */
async function nextTarget({ pipeline }: Rig, events: number): Promise<number> {
  return (await pipeline.received()) + Math.ceil(events / pageEvents);
}

async function phase(rig: Rig, work: () => Promise<void>): Promise<Phase> {
  const bulksBefore = await rig.indexer.metric(bulkSeries);
  const before = cpuSeconds(rig);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = cpuSeconds(rig);
  const bulks = (await rig.indexer.metric(bulkSeries)) - bulksBefore;
  const used = (who: keyof typeof after): number => after[who] - before[who];
  const ours = {
    fetcher: used('fetcher'),
    indexer: used('indexer'),
    redis: used('redis'),
    elasticsearch: used('elasticsearch'),
    simulator: used('simulator'),
    bench: used('bench'),
  };
  const all = Object.values(ours).reduce((sum, one) => sum + one, 0);
  return { seconds, bulks, cpu: { ...ours, others: Math.max(0, used('machine') - all) } };
}

function cpuSeconds({ fetcher, indexer, source, parts }: Rig) {
  return {
    machine: cpuSecondsOfMachine(),
    fetcher: cpuSecondsOf(fetcher.pid),
    indexer: cpuSecondsOf(indexer.pid),
    redis: cpuSecondsOfGroup(parts.redisPid),
    elasticsearch: cpuSecondsOfGroup(parts.elasticsearchPid),
    simulator: cpuSecondsOf(source.process.pid),
    bench: cpuSecondsOf(process.pid),
  };
}

async function redisMegabytes({ redis }: Parts): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]) / 1e6;
}

/** Waits until Elasticsearch has done what the phase before left it to do (merges, refreshes), at most 20 s. */
async function quiet({ elasticsearchPid }: Parts): Promise<void> {
  const lookMs = 250;
  for (let looked = 0; looked < 80; looked++) {
    const before = cpuSecondsOfGroup(elasticsearchPid);
    await sleep(lookMs);
    if (cpuSecondsOfGroup(elasticsearchPid) - before < 0.1 * (lookMs / 1_000)) return;
  }
}
