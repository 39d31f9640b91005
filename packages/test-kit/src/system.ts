import { AUDIT_INDEX, pipelinePrefix, type QueueName } from '@trunkline/contracts';
import { type DeadLetter, DeadLetters, type GapRecord, StreamRecords } from '@trunkline/elasticsearch-sink';
import { type Contract, servedEvents, storedDigest } from '@trunkline/local-stack';
import { readStream, type StreamSnapshot, streamKeys } from '@trunkline/stream-state';
import type { Queue } from 'bullmq';
import {
  Deployment,
  type DeploymentOptions,
  type DeploymentParts,
  type Faults,
  openDeployment,
} from './deployment.ts';
import { PersonalData } from './personal-data.ts';
import { askElasticsearch, readSink, type SinkDocument } from './sink-reader.ts';
import { calmPlatform, platformEnvironment, systemEnvironment } from './system-settings.ts';
import type { TrunklineProcess } from './trunkline-process.ts';
import { until } from './until.ts';
import { type DueEvent, judge, type Verdict } from './verdict.ts';

export interface SystemOptions extends DeploymentOptions {
  /** How many are started at once. Default: one fetcher, one indexer. */
  fetchers?: number;
  indexers?: number;
}

const stream = 'default';

/** A whole audit system of a test's own: simulator, fetchers, indexers. */
export class System extends Deployment {
  readonly indexers: TrunklineProcess[] = [];
  protected override readonly environment: Record<string, string>;

  readonly #contract: Contract;

  private constructor(parts: DeploymentParts<Faults>) {
    super(parts);
    const { names, faults, simulator, options } = parts;
    this.#contract = options.contract ?? 'guide';
    this.environment = {
      ...systemEnvironment(names, {
        redisUrl: faults.redis.urlFor(options.redisUrl),
        elasticsearchUrl: faults.elasticsearch.urlFor(options.elasticsearchUrl),
        genesysUrl: faults.genesys.urlFor(simulator.url),
        contract: options.contract,
      }),
      ...(options.contract === 'platform' ? platformEnvironment : {}),
      ...options.settings,
    };
  }

  static async start(options: SystemOptions): Promise<System> {
    const { fetchers = 1, indexers = 1, simulator } = options;
    const parts = await openDeployment({ ...options, simulator: { ...calmPlatform, ...simulator } });
    const system = new System(parts);
    return system.begin([indexers, () => system.addIndexer()], [fetchers, () => system.addFetcher()]);
  }

  addIndexer(
    settings: Record<string, string> = {},
    nodeOptions: readonly string[] = [],
  ): Promise<TrunklineProcess> {
    return this.add('indexer', this.indexers, settings, nodeOptions);
  }

  override get processes(): TrunklineProcess[] {
    return [...this.fetchers, ...this.indexers, ...this.dashboards];
  }

  override queue(name: QueueName = AUDIT_INDEX): Queue {
    return super.queue(name);
  }

  /** What Redis holds of the stream. */
  snapshot(): Promise<StreamSnapshot> {
    return readStream(this.redis, this.streamKeys);
  }

  /** What Redis holds of every stream there is: under the platform contract, that of the history too. */
  snapshots(): Promise<StreamSnapshot[]> {
    const streams = this.#contract === 'platform' ? [stream, `${stream}.history`] : [stream];
    return Promise.all(streams.map((id) => readStream(this.redis, streamKeys(this.pipelinePrefix, id))));
  }

  get streamKeys(): ReturnType<typeof streamKeys> {
    return streamKeys(this.pipelinePrefix, stream);
  }

  get pipelinePrefix(): string {
    return pipelinePrefix(this.names.id, 'audit');
  }

  /** Waits until so many events stand in the sink. */
  async untilIndexed(count: number, withinMs?: number): Promise<void> {
    let found = 0;
    await until(
      `${count} events are indexed`,
      async () => {
        found = await this.indexedCount();
        return found >= count;
      },
      {
        everyMs: 100,
        told: async () => `${found} are. ${await this.told()}`,
        ...(withinMs === undefined ? {} : { withinMs }),
      },
    );
  }

  async indexedCount(): Promise<number> {
    const pattern = `${this.names.indexPrefix}*`;
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${pattern}/_refresh`);
    const { text } = await askElasticsearch(
      this.elasticsearchUrl,
      'GET',
      `/${pattern}/_count?ignore_unavailable=true`,
    );
    return (JSON.parse(text) as { count: number }).count;
  }

  /**
   * Waits until everything that the simulator has was fetched, accepted and settled, and polls find nothing more. Under the
   * platform contract rows that are not shown yet count too: let the simulator's clock go on.
   * @throws Error that tells what is still under way, and what the processes said last
   */
  async drained(options: { withinMs?: number; unservedMayRemain?: boolean } = {}): Promise<void> {
    let still = '';
    let calm: { polls: number; position: string } | null = null;
    const look = async (): Promise<boolean> => {
      const [{ unserved, polls }, { drained }, streams, counts] = await Promise.all([
        this.genesys.summary(),
        this.genesys.state(),
        this.snapshots(),
        this.jobCounts(),
      ]);
      const pending = Object.entries(counts).reduce(
        (sum, [name, n]) => (name === 'failed' ? sum : sum + n),
        0,
      );
      still = JSON.stringify({ unserved, drained, streams, counts });
      const done =
        (unserved === 0 || options.unservedMayRemain === true) &&
        // The guide's stream has an end that is told; windows of the platform have none.
        (drained || this.#contract === 'platform') &&
        streams.every(
          ({ state, inFlightCount }) =>
            state !== null && state.received.seq === state.indexed.seq && inFlightCount === 0,
        ) &&
        pending === 0;
      if (!done) {
        calm = null;
        return false;
      }
      // A page that a fetcher lost on the way is only asked for again by the next polls. Under the platform contract cursors
      // move with the time, and a page may be of another stream than the one whose polls are counted.
      const isGuide = this.#contract === 'guide';
      const position = isGuide
        ? streams.map(({ state }) => `${state?.received.seq} ${state?.received.cursor}`).join()
        : '';
      if (calm?.position !== position) calm = { polls, position };
      return polls >= calm.polls + (isGuide ? 2 : 10);
    };
    await until('the system is drained', look, {
      withinMs: options.withinMs ?? 300_000,
      everyMs: 100,
      told: async () => `Still: ${still}. ${await this.told()}`,
    });
  }

  /** Jobs of the audit queue by state. */
  jobCounts(): Promise<Record<string, number>> {
    return this.queue().getJobCounts('wait', 'active', 'delayed', 'prioritized', 'failed');
  }

  /** Jobs on the audit queue, failed ones included, that have used up attempts. */
  async burnedAttempts(): Promise<{ id: string; attemptsMade: number }[]> {
    const jobs = await this.queue().getJobs(['wait', 'active', 'delayed', 'prioritized', 'failed']);
    return jobs
      .filter((job) => job !== undefined && job.attemptsMade > 0)
      .map(({ id, attemptsMade }) => ({ id: id ?? '?', attemptsMade }));
  }

  /** Compares what the simulator has with what is stored. */
  async oracle(options: { gapsAccount?: boolean } = {}): Promise<Verdict> {
    const due: DueEvent[] = [];
    for await (const block of servedEvents(this.genesys, this.#contract)) {
      due.push(
        ...block
          .filter(({ event }) => !event.filtered)
          .map(({ event: { n, id, served, positionedAt }, digests }) => ({
            n,
            id,
            served,
            positionedAt,
            digests,
          })),
      );
    }
    const [documents, deadLetters, gaps] = await Promise.all([
      this.stored(),
      this.deadLetters(),
      options.gapsAccount === true ? this.gapRecords() : [],
    ]);
    return judge(due, {
      documents,
      deadLetters: deadLetters.map(({ id, text }) => ({ id, digest: storedDigest(text, this.#contract) })),
      gaps,
    });
  }

  /** Every document of the audit indices. */
  stored(): Promise<SinkDocument[]> {
    return readSink(this.elasticsearchUrl, `${this.names.indexPrefix}*`, (text) =>
      storedDigest(text, this.#contract),
    );
  }

  /** Every dead letter, with the source text of its event. */
  async deadLetters(): Promise<(DeadLetter & { text: string })[]> {
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${this.names.deadLetterIndex}/_refresh`);
    const index = new DeadLetters(
      this.elasticsearch,
      { deadLetterIndex: this.names.deadLetterIndex, replicas: 0 },
      this.keyring,
    );
    const letters: (DeadLetter & { text: string })[] = [];
    for (let after: unknown[] | null = null; ; ) {
      const page: { letters: DeadLetter[]; next: unknown[] | null } = await index.list({}, after);
      for (const { id } of page.letters) {
        const letter = await index.get(id);
        if (letter !== null) letters.push(letter);
      }
      if (page.next === null) return letters;
      after = page.next;
    }
  }

  async gapRecords(): Promise<GapRecord[]> {
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${this.names.stateIndex}/_refresh`);
    return this.#records().listGapRecords(stream);
  }

  /** The cursor mirrored beside the data; `null` where there is none. */
  async checkpoint(): Promise<{ cursor: string; seq: number } | null> {
    return this.#records().readCheckpoint(stream);
  }

  /** Takes the checkpoint away, as if its index had been lost. */
  async removeCheckpoint(): Promise<void> {
    await askElasticsearch(
      this.elasticsearchUrl,
      'DELETE',
      `/${this.names.stateIndex}/_doc/${encodeURIComponent(`checkpoint:${stream}`)}`,
    );
  }

  /** Fields that the mappings of all audit indices name, each once. */
  async mappedFields(): Promise<string[]> {
    const { text } = await askElasticsearch(
      this.elasticsearchUrl,
      'GET',
      `/${this.names.indexPrefix}*/_mapping`,
    );
    const indices = JSON.parse(text) as Record<string, { mappings: Mapping }>;
    return [...new Set(Object.values(indices).flatMap(({ mappings }) => fieldsOf(mappings)))].sort();
  }

  /** Names and addresses of every event that the simulator has, to be looked for where they must not be. */
  async personalData(): Promise<PersonalData> {
    const data = new PersonalData();
    for await (const { source } of this.genesys.events({ source: true })) data.learn(source ?? 'null');
    return data;
  }

  protected override async removeMore(): Promise<void> {
    // A cluster without ILM refuses this; there is nothing to remove then.
    await askElasticsearch(
      this.elasticsearchUrl,
      'DELETE',
      `/_ilm/policy/${this.names.indexPrefix}retention-policy`,
    );
  }

  #records(): StreamRecords {
    return new StreamRecords(this.elasticsearch, { stateIndex: this.names.stateIndex, replicas: 0 });
  }
}

interface Mapping {
  properties?: Record<string, Mapping>;
}

function fieldsOf(mapping: Mapping, prefix = ''): string[] {
  return Object.entries(mapping.properties ?? {}).flatMap(([name, member]) => [
    `${prefix}${name}`,
    ...fieldsOf(member, `${prefix}${name}.`),
  ]);
}
