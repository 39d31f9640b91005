import { type Pipeline, pipelinePrefix, type TotalName } from '@trunkline/contracts';
import type { Redis } from 'ioredis';

function totalsKey(deployment: string, pipeline: Pipeline): string {
  return `${pipelinePrefix(deployment, pipeline)}:totals`;
}

/**
 * Counts that outlive a process, for the dashboard and the status line: gathered here, added to Redis once a second.
 *
 * A process that is killed loses what it gathered in its last second, and a batch that runs twice counts twice: these
 * are figures for people. What is stored exactly once is told by Elasticsearch alone.
 */
export class Totals {
  readonly #redis: Redis;
  readonly #key: string;
  #gathered = new Map<TotalName, number>();

  constructor(redis: Redis, deployment: string, pipeline: Pipeline) {
    this.#redis = redis;
    this.#key = totalsKey(deployment, pipeline);
  }

  add(name: TotalName, count: number): void {
    if (count !== 0) this.#gathered.set(name, (this.#gathered.get(name) ?? 0) + count);
  }

  /** Adds to Redis what was gathered since the last call, or keeps it for the next; called every second and at the end. */
  async flush(): Promise<void> {
    if (this.#gathered.size === 0) return;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    const pipeline = this.#redis.multi();
    for (const [name, count] of gathered) pipeline.hincrby(this.#key, name, count);
    try {
      await pipeline.exec();
    } catch (error) {
      for (const [name, count] of gathered) this.add(name, count);
      throw error;
    }
  }
}

/** All totals of a pipeline; a name that was never counted is absent. */
export async function readTotals(
  redis: Redis,
  deployment: string,
  pipeline: Pipeline,
): Promise<Partial<Record<TotalName, number>>> {
  const fields = await redis.hgetall(totalsKey(deployment, pipeline));
  return Object.fromEntries(Object.entries(fields).map(([name, count]) => [name, Number(count)]));
}
