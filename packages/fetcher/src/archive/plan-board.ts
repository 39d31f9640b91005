import { pipelinePrefix } from '@trunkline/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { PlanPicture } from './plan-windows.ts';

const planPicture = z.object({
  at: z.number(),
  watermark: z.number().nullable(),
  unfinished: z.record(z.string(), z.number()),
  oldestUnfinished: z.object({ id: z.string(), to: z.number() }).nullable(),
});

/** Where the fetcher that planned last shows what it found, for the figures of all of them. For people: no truth is kept here. */
export class PlanBoard {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, deployment: string) {
    this.#redis = redis;
    this.#key = `${pipelinePrefix(deployment, 'archive')}:plan`;
  }

  async show(picture: PlanPicture): Promise<void> {
    await this.#redis.set(this.#key, JSON.stringify(picture));
  }

  /** `null`: nobody has planned yet. */
  async read(): Promise<PlanPicture | null> {
    const text = await this.#redis.get(this.#key);
    return text === null ? null : (planPicture.safeParse(JSON.parse(text)).data ?? null);
  }
}

/** The pictures of several organisations as one: the sums, and the end of the one that is furthest behind. */
export function pictureOfAll(pictures: readonly [PlanPicture, ...PlanPicture[]]): PlanPicture {
  return pictures.reduce((one, other) => ({
    at: Math.max(one.at, other.at),
    watermark:
      one.watermark === null || other.watermark === null ? null : Math.min(one.watermark, other.watermark),
    unfinished: sumOf(one.unfinished, other.unfinished),
    oldestUnfinished: olderOf(one.oldestUnfinished, other.oldestUnfinished),
  }));
}

function sumOf(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const sum = { ...one };
  for (const [state, count] of Object.entries(other)) sum[state] = (sum[state] ?? 0) + count;
  return sum;
}

function olderOf(
  one: PlanPicture['oldestUnfinished'],
  other: PlanPicture['oldestUnfinished'],
): PlanPicture['oldestUnfinished'] {
  if (one === null || other === null) return one ?? other;
  return other.to < one.to ? other : one;
}
