import { fileURLToPath } from 'node:url';
import {
  Bucket,
  ComplianceChain,
  complianceKey,
  type EncryptionChoice,
  Manifests,
  openS3,
  type S3Credentials,
} from '@trunkline/archive-store';
import {
  ARCHIVE_DEAD_LETTER,
  ARCHIVE_PLAN,
  archiveDeadLetterJob,
  deploymentPrefix,
  pipelinePrefix,
  type QueueName,
  queueNames,
  queuePipeline,
} from '@trunkline/contracts';
import { ComplianceRecords, Elasticsearch } from '@trunkline/elasticsearch-sink';
import {
  complianceSearchSettings,
  elasticsearchSettings,
  genesysSettings,
  loadSettings,
  openQueue,
  processSettings,
  s3Settings,
  tokenSettings,
} from '@trunkline/service';
import type { SimulatorControl } from '@trunkline/simulator';
import { Redis } from 'ioredis';
import type { ArchiveVerdict } from '../oracle/archive/archive-verdict.ts';
import { compareArchive } from '../oracle/archive/compare-archive.ts';
import type { ServedRendition } from '../oracle/archive/ledger-conversations.ts';
import { fileTexts, type PlacedText } from '../oracle/archive/places.ts';
import { redisValues } from '../oracle/redis-values.ts';

const oracleSettings = {
  process: { deployment: processSettings.deployment },
  genesys: { contract: genesysSettings.contract },
  s3: s3Settings,
  tokens: tokenSettings,
  compliance: complianceSearchSettings,
  elasticsearch: elasticsearchSettings,
} as const;

/** Jobs that end by themselves; those that failed wait for a person. The planner's schedule always has a next tick. */
const unfinished = ['wait', 'active', 'delayed', 'prioritized', 'waiting-children'] as const;
const queues = queueNames.filter((name) => queuePipeline[name] === 'archive' && name !== ARCHIVE_PLAN);

/** Looks at what the archive pipeline of a started stack does and leaves, past its processes. */
export class ArchiveOracle implements AsyncDisposable {
  readonly #settings: Record<string, string>;
  readonly #simulator: SimulatorControl;
  readonly #logs: string;
  readonly #deployment: string;
  readonly #redis: Redis;
  readonly #bucket: Bucket;
  readonly #chain: ComplianceChain;
  readonly #elasticsearch: Elasticsearch;
  readonly #compliance: { search: string; index: string };
  readonly #rendition: ServedRendition;

  /**
   * @param settings the environment of the uploader
   * @param logs the folder of the processes' logs
   */
  constructor(settings: Record<string, string>, simulator: SimulatorControl, logs: string) {
    const { process, genesys, s3, tokens, compliance, elasticsearch } = loadSettings(
      oracleSettings,
      settings,
    );
    const { contract } = genesys;
    this.#settings = settings;
    this.#simulator = simulator;
    this.#logs = logs;
    this.#deployment = process.deployment;
    this.#compliance = compliance;
    this.#rendition =
      contract === 'platform'
        ? // Of which of its sources a window came, nobody tells here.
          { contract, attributes: null, tokenizationKey: tokens.key }
        : { contract };
    this.#redis = new Redis(settings['REDIS_URL'] ?? '', { connectionName: 'trunkline-start-oracle' });
    // It connects again by itself; what is asked meanwhile fails.
    this.#redis.on('error', () => {});
    this.#bucket = new Bucket(openS3(s3, credentialsOf(settings)), s3);
    this.#chain = new ComplianceChain(this.#bucket, [complianceKey(tokens.key)]);
    this.#elasticsearch = new Elasticsearch(elasticsearch);
  }

  async isArchived(windowId: string): Promise<boolean> {
    return (await new Manifests(this.#bucket).read(windowId)) !== null;
  }

  /** How many jobs are under way, by queue and state. */
  async underWay(): Promise<Record<string, number>> {
    const counted = await Promise.all(
      queues.map((name) =>
        this.#withQueue(name, async (queue) => Object.entries(await queue.getJobCounts(...unfinished))),
      ),
    );
    return Object.fromEntries(
      counted.flatMap((counts, index) =>
        counts.filter(([, count]) => count > 0).map(([state, count]) => [`${queues[index]} ${state}`, count]),
      ),
    );
  }

  /** Everything that was served whole, or is archived, held against the bucket. */
  async compare(): Promise<ArchiveVerdict> {
    const letters = await this.#withQueue(ARCHIVE_DEAD_LETTER, (queue) => queue.getFailed());
    return compareArchive({
      simulator: this.#simulator,
      bucket: this.#bucket,
      chain: this.#chain,
      rendition: this.#rendition,
      // Asked before the chain is read: what is appended meanwhile is no sign of a cut.
      witness: this.#compliance.search === 'none' ? null : (await this.#records().last()).last,
      encryption: encryptionOf(this.#settings),
      notifies: this.#settings['EVENT_BRIDGE_URL'] === `${this.#settings['GENESYS_API_BASE']}/event-bridge`,
      deadLetters: letters.map(({ data }) => archiveDeadLetterJob.parse(data)),
      elsewhere: () => this.#left(),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
    this.#bucket.client.destroy();
    await this.#elasticsearch[Symbol.asyncDispose]();
  }

  async #withQueue<T>(name: QueueName, use: (queue: ReturnType<typeof openQueue>) => Promise<T>): Promise<T> {
    const queue = openQueue(this.#deployment, name, this.#redis);
    try {
      return await use(queue);
    } finally {
      await queue.close();
    }
  }

  #records(): ComplianceRecords {
    return new ComplianceRecords(this.#elasticsearch, { index: this.#compliance.index, replicas: 0 });
  }

  async *#left(): AsyncGenerator<PlacedText> {
    for await (const { place, text } of fileTexts(this.#logs)) yield { place: `log ${place}`, text };
    const stage = this.#settings['STAGE_URL'] ?? '';
    if (stage.startsWith('file:')) {
      for await (const { place, text } of fileTexts(fileURLToPath(stage)))
        yield { place: `stage ${place}`, text };
    }
    for (const prefix of [deploymentPrefix(this.#deployment), pipelinePrefix(this.#deployment, 'archive')]) {
      for await (const { key, text } of redisValues(this.#redis, `${prefix}*`))
        yield { place: `Redis ${key}`, text };
    }
  }
}

/** Those of this machine's S3, or a person's own where the environment has them; else the AWS SDK looks for them. */
function credentialsOf({
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
}: Record<string, string>): S3Credentials | undefined {
  return AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !AWS_SESSION_TOKEN
    ? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
    : undefined;
}

function encryptionOf({ ARCHIVE_SSE, ARCHIVE_KMS_KEY_ID }: Record<string, string>): EncryptionChoice {
  return ARCHIVE_SSE === 'aws:kms'
    ? { algorithm: 'aws:kms', keyId: ARCHIVE_KMS_KEY_ID || null }
    : { algorithm: 'AES256' };
}
