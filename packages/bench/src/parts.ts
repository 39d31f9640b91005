import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import { type Part, type PartSource, startElasticsearch, startRedis } from '@trunkline/local-stack';
import { Redis } from 'ioredis';

/** Their CPU time is read from /proc, so they have to be processes of this machine: no containers, no given addresses. */
const sources: readonly PartSource[] = ['binary', 'download'];

/** A Redis and an Elasticsearch of the benchmark's own, with the sizes that the goals were measured with. */
export class Parts implements AsyncDisposable {
  readonly redis: Redis;
  readonly elasticsearch: Elasticsearch;
  readonly redisUrl: string;
  readonly elasticsearchUrl: string;
  /** For logs and other files of the run; goes with the parts. */
  readonly folder: string;
  readonly #redisPart: Part;
  readonly #elasticsearchPart: Part;

  private constructor(folder: string, redisPart: Part, elasticsearchPart: Part) {
    this.folder = folder;
    this.#redisPart = redisPart;
    this.#elasticsearchPart = elasticsearchPart;
    this.redisUrl = redisPart.url;
    this.elasticsearchUrl = elasticsearchPart.url;
    this.redis = new Redis(redisPart.url, { maxRetriesPerRequest: null });
    this.elasticsearch = new Elasticsearch({
      urls: [elasticsearchPart.url],
      cloudId: null,
      apiKey: null,
      username: null,
      password: null,
      caFile: null,
      timeoutMs: 60_000,
    });
  }

  static async start(): Promise<Parts> {
    const folder = await mkdtemp(path.join(tmpdir(), 'trunkline-bench-'));
    const redisPart = await startRedis({ sources });
    const elasticsearchPart = await startElasticsearch({
      sources,
      heapMegabytes: 1_024,
      settings: { 'action.destructive_requires_name': 'false' },
    });
    return new Parts(folder, redisPart, elasticsearchPart);
  }

  /** Process group of the running Redis. */
  get redisPid(): number {
    return pidOf(this.#redisPart, 'Redis');
  }

  get elasticsearchPid(): number {
    return pidOf(this.#elasticsearchPart, 'Elasticsearch');
  }

  /**
   * Documents of the indices of these names, refreshed for it; 0 where there are none. Counted without a search: an index that was
   * searched is refreshed every second for the next half minute.
   */
  async countDocuments(pattern: string): Promise<number> {
    const ask = async (method: 'GET' | 'POST', endpoint: string): Promise<unknown> => {
      const what = 'to count documents';
      return (await this.elasticsearch.ask({ method, path: `/${pattern}/${endpoint}`, what, accept: [404] }))
        .body;
    };
    await ask('POST', '_refresh');
    const stats = (await ask('GET', '_stats/docs')) as {
      _all?: { primaries?: { docs?: { count?: number } } };
    };
    return stats._all?.primaries?.docs?.count ?? 0;
  }

  /** Deletes all indices whose names start so. */
  async deleteIndices(prefix: string): Promise<void> {
    await this.elasticsearch.ask({
      method: 'DELETE',
      path: `/${prefix}*`,
      what: 'to delete the indices of a measurement',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.disconnect();
    await this.elasticsearch[Symbol.asyncDispose]();
    await Promise.all([this.#redisPart.stop(), this.#elasticsearchPart.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}

function pidOf(part: Part, name: string): number {
  if (part.pid === null) throw new Error(`${name} has ended.`);
  return part.pid;
}
