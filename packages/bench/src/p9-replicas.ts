import type { Bench } from './measure.ts';
import { drainSettings, Pipeline, pageEvents } from './pipeline.ts';
import type { BenchProcess } from './processes.ts';
import { SimulatedSink } from './simulated-sink.ts';
import { Source } from './source.ts';
import type { Line } from './table.ts';

const bulkMs = 20;
const counts = [1, 2, 4] as const;
/** Batches that each indexer finds, so that each run takes about as long as the others. */
const batchesEach = 200;
const warmUpBatches = 50;

/** One batch a request, one request under way: the sink's 20 ms are the limit of an indexer, and only replicas help. */
const settings = {
  ...drainSettings,
  WORKER_CONCURRENCY: '1',
  BULK_MAX_EVENTS: String(pageEvents),
  BULKS_IN_FLIGHT: '1',
};

/** P9: whether more indexers carry more. */
export async function replicaLines({ parts, options, tell }: Bench): Promise<Line[]> {
  await using sink = await SimulatedSink.start(parts.elasticsearchUrl, bulkMs);
  await using source = await Source.start(parts.folder, 0);
  await using pipeline = new Pipeline({
    name: 'replicas',
    parts,
    source,
    settings,
    elasticsearchUrl: sink.url,
    profile: null,
  });
  await pipeline.start('fetcher');
  const indexers: BenchProcess[] = [];
  const drain = async (batches: number): Promise<number> => {
    const target = (await pipeline.received()) + batches;
    await pipeline.pause();
    await source.add(batches * pageEvents);
    await pipeline.untilReceived(target);
    const startedAt = performance.now();
    await pipeline.resume();
    await pipeline.untilSettled(target);
    return (batches * pageEvents * 1_000) / (performance.now() - startedAt);
  };

  const rounds: Record<(typeof counts)[number], number>[] = [];
  for (let number = 1; number <= options.rounds; number++) {
    const rates = { 1: 0, 2: 0, 4: 0 };
    // Up and down in turns, so that no side always comes first.
    for (const count of number % 2 === 1 ? counts : counts.toReversed()) {
      while (indexers.length < count) indexers.push(await pipeline.start('indexer'));
      while (indexers.length > count) await pipeline.stop(indexers.pop() as BenchProcess);
      await drain(warmUpBatches * count);
      rates[count] = await drain(batchesEach * count);
    }
    rounds.push(rates);
    tell(
      `round ${number} of ${options.rounds}: ${counts.map((count) => `${count}: ${Math.round(rates[count])}/s`).join(', ')}`,
    );
  }
  const line = (
    what: string,
    unit: string,
    goal: Line['goal'],
    of: (rates: (typeof rounds)[number]) => number,
  ) => ({
    measure: 'P9',
    what,
    unit,
    goal,
    rounds: rounds.map(of),
  });
  return [
    line('two indexers to one, sink of 20 ms', '', { atLeast: 1.9 }, (rates) => rates[2] / rates[1]),
    line('four indexers to one', '', { atLeast: 3.6 }, (rates) => rates[4] / rates[1]),
    line('one indexer', 'events/s', null, (rates) => rates[1]),
  ];
}
