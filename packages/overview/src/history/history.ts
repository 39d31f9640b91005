/**
 * The last hours in Redis, for charts that outlive any dashboard.
 *
 * Three lists of samples, each with an interval of its own and a fixed number of points. A sample belongs to the interval in which
 * it was taken, and only the first of an interval is kept: any number of dashboards may add at the same time, and the list is as
 * if there were one. Together they take some 100 KB.
 */
import { deploymentPrefix } from '@trunkline/contracts';
import type { Redis } from 'ioredis';
import type { Picture } from '../picture.ts';
import { decodeSample, encodeSample, type Sample, sampleOf } from './sample.ts';

export interface Resolution {
  readonly name: Range;
  /** What one point stands for, ms. */
  readonly intervalMs: number;
  readonly points: number;
}

export type Range = '1h' | '6h' | '24h';

export const resolutions: Readonly<Record<Range, Resolution>> = {
  '1h': { name: '1h', intervalMs: 10_000, points: 360 },
  '6h': { name: '6h', intervalMs: 60_000, points: 360 },
  '24h': { name: '24h', intervalMs: 240_000, points: 360 },
};

export const ranges = Object.keys(resolutions) as Range[];

/** Without a dashboard the lists are of no use after a while (ms). */
const keptMs = 2 * 86_400_000;

/**
 * KEYS[1] the list; ARGV[1] time of the sample and ARGV[2] length of an interval in ms, ARGV[3] the line, ARGV[4] points to keep,
 * ARGV[5] life of the list in ms. Returns 1 where the line was added, 0 where its interval has one. A last line from the future
 * (a clock that was set back) gives way, with all before it.
 */
const addOnce = `
local last = redis.call('LINDEX', KEYS[1], -1)
local at = last and tonumber(string.match(last, '^%[(%d+)'))
if at then
  local intervals = math.floor(tonumber(ARGV[1]) / ARGV[2]) - math.floor(at / ARGV[2])
  if intervals == 0 then return 0 end
  if intervals < 0 then redis.call('DEL', KEYS[1]) end
end
redis.call('RPUSH', KEYS[1], ARGV[3])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[4]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
`;

export class History {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, deployment: string) {
    this.#redis = redis;
    this.#prefix = `${deploymentPrefix(deployment)}:overview:samples:`;
  }

  /** Keeps what is to be kept of a picture. */
  async add(picture: Picture): Promise<void> {
    const { takenAt } = picture;
    const line = encodeSample(sampleOf(picture));
    await Promise.all(
      Object.values(resolutions).map(({ name, intervalMs, points }) =>
        this.#redis.eval(addOnce, 1, this.#prefix + name, takenAt, intervalMs, line, points, keptMs),
      ),
    );
  }

  /** The samples of a range, the oldest first; intervals in which nobody sampled are missing. */
  async read(range: Range): Promise<Sample[]> {
    const lines = await this.#redis.lrange(this.#prefix + range, 0, -1);
    return lines.map(decodeSample).filter((sample) => sample !== null);
  }
}
