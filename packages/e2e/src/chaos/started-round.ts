import {
  type Part,
  type S3Access,
  s3AccessOf,
  startElasticsearch,
  startRedis,
  startS3,
} from '@trunkline/local-stack';
import type { Compared } from './report.ts';

/** What rounds run on; ended with them. */
export interface ChaosParts extends AsyncDisposable {
  redisUrl: string;
  elasticsearchUrl: string;
  /** `null`: no round of the archive pipeline is run. */
  s3: S3Access | null;
}

/** A round whose faults are drawn. */
export interface StartedRound {
  /** Their names. */
  faults: string[];
  /** Starts a system, lets them strike, and compares. @throws Error where the system does not come to its end */
  compare: () => Promise<Compared>;
}

export async function startChaosParts(withS3: boolean): Promise<ChaosParts> {
  const [redis, elasticsearch, s3] = await Promise.all([
    startRedis(),
    startElasticsearch({
      heapMegabytes: 768,
      shortLived: true,
      settings: { 'cluster.max_shards_per_node': '5000' },
    }),
    withS3 ? startS3() : null,
  ]);
  const started: (Part | null)[] = [redis, elasticsearch, s3];
  return {
    redisUrl: redis.url,
    elasticsearchUrl: elasticsearch.url,
    s3: s3 === null ? null : s3AccessOf(s3),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(started.map((part) => part?.stop()));
    },
  };
}
