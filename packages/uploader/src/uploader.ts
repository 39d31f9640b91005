import { BucketGate, bucketSettings, ComplianceChain, complianceKey, openS3 } from '@trunkline/archive-store';
import { openStage } from '@trunkline/claim-check/stage';
import { ComplianceRecords, Elasticsearch } from '@trunkline/elasticsearch-sink';
import { type Component, loadForOrganisations, type Organisations, Service, Valve } from '@trunkline/service';
import { AfterArchive } from './after-archive.ts';
import { archivePlace } from './archive-place.ts';
import { ComplianceCopy } from './compliance-copy.ts';
import { complianceWorker, OneWriter } from './compliance-worker.ts';
import { loadUploaderSettings, type UploaderConfig, uploaderSettings } from './config.ts';
import { FailedWindows } from './failed-windows.ts';
import { GateTold } from './gate-told.ts';
import { uploaderMetrics } from './metrics.ts';
import { NotifyPause } from './notify-pause.ts';
import { notifyWorker } from './notify-worker.ts';
import { RecordWatch } from './record-watch.ts';
import { uploadWorker } from './upload-worker.ts';
import { Webhook } from './webhook.ts';
import { type Step, WindowCompletion } from './window-completion.ts';
import { WindowList } from './window-list.ts';
import { windowWorker } from './window-worker.ts';

/** What an uploader holds open beside its service. */
export interface UploaderParts {
  s3: ReturnType<typeof openS3>;
  /** `null`: COMPLIANCE_SEARCH=none. */
  elasticsearch: Elasticsearch | null;
  /** `null`: EVENT_BRIDGE_URL is not set. */
  webhook: Webhook | null;
}

/** Runs an uploader until it is told to stop. @throws TrunklineError CONFIG_INVALID, before anything is started */
export async function runUploader(env: NodeJS.ProcessEnv): Promise<void> {
  const organisations = await loadForOrganisations(env, loadUploaderSettings);
  const [config] = organisations.all;
  await using stack = new AsyncDisposableStack();
  const parts = openUploaderParts(config, stack);
  const service = stack.use(new Service('uploader', config, 'archive'));
  await service.start(uploaderSettings, env);
  await service.run(...uploaderComponents(service, organisations, parts));
}

/** @param stack closes them */
export function openUploaderParts(config: UploaderConfig, stack: AsyncDisposableStack): UploaderParts {
  const s3 = openS3(config.s3);
  stack.defer(() => s3.destroy());
  const elasticsearch =
    config.compliance.search === 'none' ? null : stack.use(new Elasticsearch(config.elasticsearch));
  const { url } = config.notify;
  const webhook = url === null ? null : stack.use(new Webhook({ ...config.notify, url }));
  return { s3, elasticsearch, webhook };
}

/** The parts of an uploader, in the order in which they start. @param onStep see `WindowCompletion` */
export function uploaderComponents(
  service: Service,
  organisations: Organisations<UploaderConfig>,
  { s3, elasticsearch, webhook }: UploaderParts,
  onStep?: (step: Step) => Promise<void>,
): Component[] {
  // What is of an organisation is where its windows lie in the bucket; all else is the same for each.
  const [config] = organisations.all;
  const { storing, worker } = config;
  const now = (): Date => new Date();
  const metrics = uploaderMetrics(service.registry);
  const told = new GateTold(service, metrics);
  const stage = openStage(config.stage, config.payload.payloadKeys, s3);
  const after = new AfterArchive(service, worker.attempts);
  const places = organisations.map((own) => archivePlace(own, { service, s3, stage, after }));
  const [{ bucket }] = places.all;
  const gate = new BucketGate(bucketSettings(bucket), {
    bucket: bucket.name,
    maxAgeMs: storing.gateMaxAgeMs,
    now: () => performance.now(),
    onChange: (state) => told.tell(state),
  });
  const valve = new Valve({ mayRun: () => gate.check(), pollMs: Math.min(storing.gateMaxAgeMs, 5_000) });

  const list = new WindowList(service.redis, service.deployment);
  const failures = new FailedWindows(service, after, list, metrics);
  const chain = new ComplianceChain(bucket, [complianceKey(config.tokens.key)], now);
  const copy =
    elasticsearch === null
      ? null
      : new ComplianceCopy({
          service,
          chain,
          records: new ComplianceRecords(elasticsearch, {
            index: config.compliance.index,
            replicas: config.elasticsearch.replicas,
          }),
          intervalMs: 10_000,
          metrics,
        });

  // What takes memory in proportion to its job is done by few at a time, whatever the concurrency of the others.
  const few = { ...worker, concurrency: Math.min(worker.concurrency, storing.uploadsAtOnce) };
  const gated = { service, valve, gate, metrics };
  const uploads = uploadWorker({
    ...gated,
    config: few,
    places,
    failures,
    leavesToWindow: storing.layout === 'guide',
  });
  const windows = windowWorker({
    ...gated,
    config: { ...worker, concurrency: 1 },
    completions: places.map(
      ({ storage, manifests }) =>
        new WindowCompletion({
          service,
          storage,
          manifests,
          after,
          list,
          metrics,
          layout: storing.layout,
          notifies: webhook !== null,
          now,
          ...(onStep === undefined ? {} : { onStep }),
        }),
    ),
    failures,
  });
  const records = complianceWorker({ ...gated, config: worker, chain, copy });
  const pause = new NotifyPause(service, metrics, 5_000);
  const notify = notifyWorker({
    service,
    config: worker,
    webhook,
    retryMs: config.notify.retryMs,
    metrics,
    now,
  });

  service.showFacts('uploading', () => ({
    gate: told.word,
    jobsInHand: uploads.inHand + windows.inHand,
    lastWindow: list.last,
    complianceCopied: copy?.copied ?? null,
    notifyPaused: pause.isPaused,
  }));
  return [
    new OneWriter(service),
    ...(copy === null ? [] : [copy]),
    ...places.all.map(
      ({ manifests }) =>
        new RecordWatch({ service, manifests, chain, after, notifies: webhook !== null, now }),
    ),
    valve,
    uploads,
    windows,
    records,
    ...(webhook === null ? [] : [pause]),
    notify,
  ];
}
