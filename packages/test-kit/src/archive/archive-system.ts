import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import {
  Bucket,
  type ChainPlace,
  ComplianceChain,
  complianceKey,
  type EncryptionChoice,
  eraseConversations,
  Manifests,
  type StoredManifest,
} from '@trunkline/archive-store';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_PLAN,
  type ArchiveDeadLetterJob,
  type ArchivePlanOutcome,
  archiveComplianceJobId,
  archiveDeadLetterJob,
  archivePlanOutcome,
  archiveWindowAt,
  type QueueName,
  queueNames,
  queuePipeline,
} from '@trunkline/contracts';
import { ComplianceRecords } from '@trunkline/elasticsearch-sink';
import {
  type ArchiveVerdict,
  compareArchive,
  fileTexts,
  type PlacedText,
  redisValues,
  type S3Access,
  type ServedRendition,
} from '@trunkline/local-stack';
import { jobOptions } from '@trunkline/service';
import { dayIsFinalAfterMs, type MediaType, type SimulatorClock } from '@trunkline/simulator';
import type { Job, JobState } from 'bullmq';
import {
  Deployment,
  type DeploymentOptions,
  type DeploymentParts,
  type Faults,
  openDeployment,
} from '../deployment.ts';
import { FaultProxy } from '../fault-proxy.ts';
import { HttpFaultProxy } from '../http-fault-proxy.ts';
import { type OwnBucket, ownBucket } from '../own-bucket.ts';
import { type Preload, preloaded } from '../preload.ts';
import { askElasticsearch } from '../sink-reader.ts';
import { systemEnvironment } from '../system-settings.ts';
import type { TrunklineProcess } from '../trunkline-process.ts';
import { until } from '../until.ts';
import { archiveEnvironment, complianceIndexOf } from './archive-settings.ts';

export interface ArchiveSystemOptions extends DeploymentOptions {
  s3: S3Access;
  /** How many are started at once. Default: one of each. */
  fetchers?: number;
  redactors?: number;
  uploaders?: number;
  /** Media types of the windows that are asked for. Default: voice and chat. */
  media?: readonly MediaType[];
  /** Where the stage lies. Default: a folder of the system's own. */
  stage?: 'folder' | 'bucket' | { folder: string };
}

export interface ArchiveFaults extends Faults {
  s3: FaultProxy;
  /** Behind `s3`: faults that know HTTP. */
  s3Http: HttpFaultProxy;
  /** Before the simulator's event bridge alone. */
  eventBridge: FaultProxy;
}

const dayMs = 86_400_000;
/** Apart from the archive's own prefix. */
const stageInBucket = 'stage/';
const archiveInBucket = 'acme/';
const usualMedia = ['voice', 'chat'] as const;
/** What the uploaders ask for where no setting says otherwise. */
const usualEncryption: EncryptionChoice = { algorithm: 'AES256' };

/** The queues of the archive pipeline. */
export const archiveQueues: readonly QueueName[] = queueNames.filter(
  (name) => queuePipeline[name] === 'archive',
);

/** A whole archive system of a test's own: simulator with conversations, fetchers, redactors, uploaders, a bucket and a stage. */
export class ArchiveSystem extends Deployment<ArchiveFaults> {
  readonly redactors: TrunklineProcess[] = [];
  readonly uploaders: TrunklineProcess[] = [];
  readonly ownBucket: OwnBucket;
  /** Goes to the S3 itself, past the proxies. */
  readonly bucket: Bucket;
  readonly manifests: Manifests;
  readonly chain: ComplianceChain;
  /** The stage's files; nothing stands there where the stage is a bucket. */
  readonly stageFolder: string;
  protected override readonly environment: Record<string, string>;
  readonly media: readonly MediaType[];
  readonly #rendition: ServedRendition;

  private constructor(
    parts: DeploymentParts<ArchiveFaults>,
    own: OwnBucket,
    stage: NonNullable<ArchiveSystemOptions['stage']>,
    media: readonly MediaType[],
  ) {
    super(parts);
    const { names, faults, simulator, options, folder } = parts;
    const tokenizationKey = randomBytes(32).toString('hex');
    this.media = media;
    this.ownBucket = own;
    this.bucket = new Bucket(own.client, { bucket: own.name, prefix: archiveInBucket });
    this.manifests = new Manifests(this.bucket);
    this.chain = new ComplianceChain(this.bucket, [complianceKey(Buffer.from(tokenizationKey))]);
    this.stageFolder = typeof stage === 'object' ? stage.folder : path.join(folder, 'stage');
    this.environment = {
      ...systemEnvironment(names, {
        redisUrl: faults.redis.urlFor(options.redisUrl),
        elasticsearchUrl: faults.elasticsearch.urlFor(options.elasticsearchUrl),
        genesysUrl: faults.genesys.urlFor(simulator.url),
        contract: options.contract,
      }),
      ...archiveEnvironment(names, {
        stageUrl:
          stage === 'bucket' ? `s3://${own.name}/${stageInBucket}` : pathToFileURL(this.stageFolder).href,
        eventBridgeUrl: faults.eventBridge.urlFor(simulator.eventBridgeUrl),
        bucket: {
          ...own.environment,
          S3_ENDPOINT: faults.s3.urlFor(own.environment.S3_ENDPOINT),
          S3_PREFIX: archiveInBucket,
        },
        tokenizationKey,
        mediaTypes: media,
      }),
      ...options.settings,
    };
    this.#rendition =
      options.contract === 'platform'
        ? {
            contract: 'platform',
            attributes: attributesOf(this.environment['ARCHIVE_SOURCE'] ?? 'auto'),
            tokenizationKey,
          }
        : { contract: 'guide', tokenizationKey };
  }

  static async start(options: ArchiveSystemOptions): Promise<ArchiveSystem> {
    const { s3: access, fetchers = 1, redactors = 1, uploaders = 1, stage = 'folder' } = options;
    const parts = await openDeployment({
      ...options,
      // Few customers, so that the same values turn up in several conversations.
      simulator: {
        archiveConversations: 40,
        archivePeople: 30,
        // The lake is filled, and nobody counts requests: what is told of either is tested where it is meant.
        archiveLakeLagMinutes: 0,
        rateLimit: null,
        ...options.simulator,
      },
    });
    if (options.contract === 'platform') letYesterdayEnd(parts.simulator.clock);
    const s3Http = await HttpFaultProxy.start(access.endpoint);
    const [s3, eventBridge, own] = await Promise.all([
      FaultProxy.start(s3Http.url),
      FaultProxy.start(parts.simulator.url),
      ownBucket(access),
    ]);
    const system = new ArchiveSystem(
      { ...parts, faults: { ...parts.faults, s3, s3Http, eventBridge } },
      own,
      stage,
      options.media ?? usualMedia,
    );
    return system.begin(
      [uploaders, () => system.addUploader()],
      [redactors, () => system.addRedactor()],
      [fetchers, () => system.addFetcher()],
    );
  }

  addRedactor(
    settings: Record<string, string> = {},
    preload: Preload | null = null,
  ): Promise<TrunklineProcess> {
    return this.add('redactor', this.redactors, settings, preload === null ? [] : preloaded(preload));
  }

  addUploader(
    settings: Record<string, string> = {},
    preload: Preload | null = null,
  ): Promise<TrunklineProcess> {
    return this.add('uploader', this.uploaders, settings, preload === null ? [] : preloaded(preload));
  }

  override get processes(): TrunklineProcess[] {
    return [...this.fetchers, ...this.redactors, ...this.uploaders, ...this.dashboards];
  }

  /** The UTC day so many days before the simulator's today, `YYYY-MM-DD`. */
  day(daysAgo: number): string {
    return new Date(this.simulator.clock.now() - daysAgo * dayMs).toISOString().slice(0, 10);
  }

  /** Of the window of a day, of this system's media types. */
  windowId(day: string): string {
    return archiveWindowAt(Date.parse(day), dayMs, this.media).id;
  }

  /** Asks for the windows of a range of days, as `trunkline backfill archive` does. */
  async plan(fromDay: string, toDay: string = fromDay): Promise<Job> {
    const to = new Date(Date.parse(toDay) + dayMs).toISOString();
    return this.queue(ARCHIVE_PLAN).add(
      'range',
      {
        v: 1,
        range: {
          from: `${fromDay}T00:00:00.000Z`,
          to,
          mediaTypes: [...this.media],
          requestedBy: 'test@test',
        },
      },
      { removeOnFail: true },
    );
  }

  /** As `plan`, and waits for what became of it. */
  async planned(fromDay: string, toDay: string = fromDay): Promise<ArchivePlanOutcome> {
    const { id = '' } = await this.plan(fromDay, toDay);
    return until(
      `${fromDay} to ${toDay} are planned`,
      async () => {
        const job = await this.queue(ARCHIVE_PLAN).getJob(id);
        return archivePlanOutcome.safeParse(job?.returnvalue).data;
      },
      { told: () => this.told() },
    );
  }

  /** Waits until the windows of these days have their manifests, and nothing of them is under way any more. */
  async archived(...days: string[]): Promise<void> {
    const missing = new Set(days);
    await until(
      `${days.join(', ')} are archived`,
      async () => {
        for (const day of missing)
          if (await this.manifests.exists({ id: this.windowId(day) })) missing.delete(day);
        return missing.size === 0;
      },
      { everyMs: 100, told: async () => `Not yet: ${[...missing]}. ${await this.told()}` },
    );
    await this.settled();
  }

  /** Waits until no job of any queue is under way or will be by itself; failed ones wait for a person. */
  async settled(): Promise<void> {
    let open: Record<string, number> = {};
    await until(
      'no job is under way',
      async () => {
        open = await this.jobCounts();
        return Object.keys(open).length === 0;
      },
      { everyMs: 100, told: async () => `Still: ${JSON.stringify(open)}. ${await this.told()}` },
    );
  }

  /** Jobs that are under way, by queue and state; plans left out, of which the schedule always has one. */
  async jobCounts(): Promise<Record<string, number>> {
    const open: Record<string, number> = {};
    for (const name of archiveQueues.filter((queue) => queue !== ARCHIVE_PLAN)) {
      const counts = await this.queue(name).getJobCounts(
        'wait',
        'active',
        'delayed',
        'prioritized',
        'waiting-children',
      );
      for (const [state, count] of Object.entries(counts)) if (count > 0) open[`${name} ${state}`] = count;
    }
    return open;
  }

  /** Jobs that stand failed, dead letters left out. */
  async failed(): Promise<Job[]> {
    const names = archiveQueues.filter((name) => name !== ARCHIVE_DEAD_LETTER);
    return (await Promise.all(names.map((name) => this.queue(name).getFailed()))).flat();
  }

  /** As `archived`, while a person retries whatever stands failed (dead letters left out) until nothing does. */
  async archivedByRetries(...days: string[]): Promise<void> {
    await until(
      `${days.join(', ')} are archived, and no job stands failed`,
      async () => {
        for (const job of await this.failed()) await job.retry();
        const done = await Promise.all(days.map((day) => this.manifests.exists({ id: this.windowId(day) })));
        const open = Object.keys(await this.jobCounts()).length + (await this.failed()).length;
        return done.every(Boolean) && open === 0;
      },
      { everyMs: 500, told: async () => `${JSON.stringify(await this.jobCounts())} ${await this.told()}` },
    );
  }

  /** Ends the wait of jobs that would come again by themselves; resolves when there were any. */
  async promote(queue: QueueName): Promise<void> {
    await until(`a job of ${queue} waits`, async () => {
      const delayed = await this.queue(queue).getDelayed();
      for (const job of delayed) await job.promote();
      return delayed.length > 0;
    });
  }

  /** Waits for a job of a window that stands failed with this code. */
  async untilFailed(queue: QueueName, windowId: string, code: string): Promise<Job> {
    return until(
      `${queue} of ${windowId} stands failed with ${code}`,
      async () =>
        (await this.queue(queue).getFailed()).find(
          ({ id, failedReason }) => id?.startsWith(windowId) && failedReason.startsWith(code),
        ),
      { told: () => this.told() },
    );
  }

  /** Every job of a window, in whatever state. */
  async jobsOf(windowId: string): Promise<{ queue: QueueName; state: JobState | 'unknown'; job: Job }[]> {
    const found: { queue: QueueName; state: JobState | 'unknown'; job: Job }[] = [];
    for (const queue of archiveQueues) {
      for (const job of await this.queue(queue).getJobs()) {
        if (JSON.stringify(job?.data ?? null).includes(windowId))
          found.push({ queue, state: await job.getState(), job });
      }
    }
    return found;
  }

  async manifest(day: string): Promise<StoredManifest> {
    const stored = await this.manifests.read(this.windowId(day));
    if (stored === null) throw new Error(`${day} is not archived.`);
    return stored;
  }

  /** Those that wait for a person. */
  async deadLetters(): Promise<ArchiveDeadLetterJob[]> {
    const jobs = await this.queue(ARCHIVE_DEAD_LETTER).getFailed();
    return jobs.map(({ data }) => archiveDeadLetterJob.parse(data));
  }

  /** As `trunkline archive erase`. */
  async erase(...conversationIds: string[]): Promise<void> {
    const { locked, notFound } = await eraseConversations(this.bucket, {
      conversationIds,
      reason: 'asked for in a test',
      by: 'test@test',
      at: new Date(),
      traceId: randomBytes(8).toString('hex'),
      record: async (job) => {
        const jobId = archiveComplianceJobId(job.recordId);
        await this.queue(ARCHIVE_COMPLIANCE).add('record', job, { ...jobOptions(8), jobId });
      },
    });
    if (locked.length + notFound.length > 0) throw new Error('Not everything could be erased.');
    await this.settled();
  }

  /** Compares what the simulator served with what is archived, and looks for personal data everywhere. */
  async oracle(encryption: EncryptionChoice = usualEncryption): Promise<ArchiveVerdict> {
    const index = complianceIndexOf(this.names);
    return compareArchive({
      simulator: this.genesys,
      bucket: this.bucket,
      chain: this.chain,
      rendition: this.#rendition,
      witness: await this.#witness(),
      encryption,
      notifies: true,
      deadLetters: await this.deadLetters(),
      elsewhere: () => this.#leftTexts(index),
    });
  }

  /** Number of the last record in the copy of the chain that Elasticsearch holds; `null`: none. */
  async lastRecordInSearch(): Promise<number | null> {
    return (await this.#witness())?.seq ?? null;
  }

  async #witness(): Promise<ChainPlace | null> {
    const index = complianceIndexOf(this.names);
    await askElasticsearch(this.elasticsearchUrl, 'POST', `/${index}/_refresh`);
    const records = new ComplianceRecords(this.elasticsearch, { index, replicas: 0 });
    // An index that was made this moment cannot be searched yet.
    return (await until('Elasticsearch tells its last record', () => records.last())).last;
  }

  async *#leftTexts(complianceIndex: string): AsyncGenerator<PlacedText> {
    for (const { name, text } of this.logs()) yield { place: `log of ${name}`, text };
    for await (const { key, text } of redisValues(this.redis, `{${this.names.id}*`)) {
      yield { place: `Redis: ${key}`, text };
    }
    for await (const { place, text } of fileTexts(this.stageFolder)) yield { place: `stage: ${place}`, text };
    for await (const { key } of this.bucket.list(stageInBucket)) {
      const found = await this.bucket.get(key);
      // What is done with it goes at any time.
      if (found !== null) yield { place: `stage: ${key}`, text: (await buffer(found.body)).toString('utf8') };
    }
    const records = `/${complianceIndex}/_search?size=10000`;
    const { text } = await until('Elasticsearch tells its compliance records', async () => {
      const answer = await askElasticsearch(this.elasticsearchUrl, 'GET', records);
      // An index that is made at this moment answers 503.
      return (answer.status === 200 || answer.status === 404) && answer;
    });
    yield { place: 'compliance records in Elasticsearch', text };
    for (const { seq, text: body } of await this.genesys.completionEvents()) {
      yield { place: `completion event ${seq}`, text: body };
    }
  }

  protected override async removeMore(): Promise<void> {
    await this.ownBucket[Symbol.asyncDispose]();
  }
}

/** Whether rows of a source (ARCHIVE_SOURCE) have the attributes of participants; `null`: it chooses by the window. */
function attributesOf(source: string): boolean | null {
  return source === 'auto' ? null : source === 'analytics-jobs';
}

/** A conversation that goes on has another row than when it is over: those of yesterday shall be over, whenever a test runs. */
function letYesterdayEnd(clock: SimulatorClock): void {
  const leftMs = dayIsFinalAfterMs - (clock.now() % dayMs);
  if (leftMs > 0) clock.shift(leftMs / 1_000);
}

/** The window of a day of the media types that are usual. */
export function windowIdOf(day: string): string {
  return `BATCH_${day.replaceAll('-', '')}`;
}
