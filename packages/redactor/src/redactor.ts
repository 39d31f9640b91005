import { openS3 } from '@trunkline/archive-store';
import { openStage, type Stage } from '@trunkline/claim-check/stage';
import { ARCHIVE_DEAD_LETTER } from '@trunkline/contracts';
import { type Component, loadForOrganisations, type Organisations, Service, Valve } from '@trunkline/service';
import { BatchRedaction } from './batch-redaction.ts';
import {
  engineSettings,
  loadRedactorSettings,
  type RedactorConfig,
  redactorSettings,
  threadCount,
} from './config.ts';
import { DeadLetterDesk } from './dead-letter-desk.ts';
import { deadLetterWorker } from './dead-letter-worker.ts';
import { engineFingerprint } from './engine-settings.ts';
import { redactorMetrics } from './metrics.ts';
import { redactWorker } from './redact-worker.ts';
import { StageWatch } from './stage-watch.ts';
import { ThreadPool } from './thread-pool.ts';
import { Told } from './told.ts';

export interface RedactorOptions {
  /** Stands between the redactor and its stage; for tests of a redactor that dies. */
  wrapStage?: (stage: Stage) => Stage;
  /** As if the engine were another version; for tests of retries after an upgrade. */
  engineVersion?: string;
  /** Another file for the threads; for tests of threads that die or hang. */
  threadFile?: URL;
}

/** Runs a redactor until it is told to stop. @throws TrunklineError CONFIG_INVALID, before anything is started */
export async function runRedactor(env: NodeJS.ProcessEnv, options: RedactorOptions = {}): Promise<void> {
  const organisations = await loadForOrganisations(env, loadRedactorSettings);
  const [config] = organisations.all;
  const { region } = config.stageBucket;
  const s3 =
    config.stage.url.startsWith('s3:') && region !== null ? openS3({ ...config.stageBucket, region }) : null;
  try {
    const stage = openStage(config.stage, config.payload.payloadKeys, s3);
    await using service = new Service('redactor', config, 'archive');
    await service.start(redactorSettings, env);
    await service.run(...redactorComponents(service, stage, organisations, options));
  } finally {
    s3?.destroy();
  }
}

/** The parts of a redactor, in the order in which they start. */
export function redactorComponents(
  service: Service,
  opened: Stage,
  organisations: Organisations<RedactorConfig>,
  { wrapStage = (stage) => stage, engineVersion, threadFile }: RedactorOptions = {},
): Component[] {
  const [config] = organisations.all;
  const stage = wrapStage(opened);
  const engine = engineSettings(config);
  const told = new Told(service, redactorMetrics(service.registry));
  const watch = new StageWatch(stage, service);
  const valve = new Valve({ mayRun: () => watch.mayRun(), pollMs: 5_000 });
  const pool = new ThreadPool({
    size: threadCount(config.redaction.threads),
    engine,
    timeLimitMs: config.redaction.timeLimitMs,
    ...(threadFile === undefined ? {} : { file: threadFile }),
  });
  const { attempts } = config.worker;
  const shared = {
    service,
    config: { ...config.worker, concurrency: Math.min(config.worker.concurrency, batchesInHand(pool.size)) },
    attempts,
    valve,
    stage,
    watch,
    redaction: new BatchRedaction({ stage, pool, threadLost: (why) => told.threadLost(why) }),
    told,
    keyId: engine.keyId,
    organisations: organisations.map(({ redaction: { region } }) => ({
      region,
      fingerprint: engineFingerprint({ ...engine, region }, engineVersion),
    })),
  };
  const worker = redactWorker({
    ...shared,
    desk: new DeadLetterDesk({
      stage,
      queue: service.queue(ARCHIVE_DEAD_LETTER),
      attempts,
      now: () => new Date(),
    }),
  });
  service.showFacts('redaction', () => ({ ...told.facts(), threads: pool.size, stage: watch.word }));
  return [valve, pool, worker, deadLetterWorker({ ...shared, config: { ...config.worker, concurrency: 1 } })];
}

/** One batch keeps several threads busy; more of them would not go faster, and each holds chunks in memory. */
function batchesInHand(threads: number): number {
  return threads === 1 ? 1 : 1 + Math.ceil(threads / 8);
}
