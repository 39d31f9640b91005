import { Bucket, Manifests, openS3, PlanWatermark, WindowReleases } from '@trunkline/archive-store';
import { openStage, type Stage, StageSweeper, stagePlaces } from '@trunkline/claim-check/stage';
import { ARCHIVE_FETCH, ARCHIVE_REDACT, ARCHIVE_UPLOAD, ARCHIVE_WINDOW } from '@trunkline/contracts';
import type { GenesysConnection } from '@trunkline/genesys';
import {
  archivedMediaTypes,
  bullConnection,
  type Component,
  formerMediaTypes,
  type Organisations,
  queuePrefix,
  type Service,
  settleDelayMs,
} from '@trunkline/service';
import { FlowProducer } from 'bullmq';
import type { GenesysClock } from '../genesys-clock.ts';
import { archiveMetrics } from './archive-metrics.ts';
import type { ArchivePipelineConfig } from './archive-settings.ts';
import { type ArchiveGenesysSettings, archiveSource, downloadBackoff } from './archive-source.ts';
import { ArchiveWatch } from './archive-watch.ts';
import { FetchWindow } from './fetch-window.ts';
import { fetchWorker } from './fetch-worker.ts';
import { HeldBackBoard } from './held-back-board.ts';
import { PlanBoard } from './plan-board.ts';
import { PlanSchedule } from './plan-schedule.ts';
import { PlanWindows } from './plan-windows.ts';
import { planWorker } from './plan-worker.ts';
import { WindowFlows } from './window-flow.ts';
import { WindowJobs } from './window-jobs.ts';
import { BucketWindowRecords, type WindowRecords } from './window-records.ts';

/** What the archive pipeline reaches, opened. */
export interface ArchivePlaces extends AsyncDisposable {
  stage: Stage;
  records: Organisations<WindowRecords>;
}

/** What it needs of each organisation. */
export interface ArchiveOrganisation {
  config: ArchivePipelineConfig;
  genesys: GenesysConnection;
  genesysSettings: ArchiveGenesysSettings;
  clock: GenesysClock;
}

/** @throws TrunklineError CONFIG_INVALID */
export function openArchivePlaces(
  organisations: Organisations<Pick<ArchiveOrganisation, 'config' | 'genesysSettings'>>,
  payloadKeys: readonly Buffer[],
): ArchivePlaces {
  const [{ config }] = organisations.all;
  const s3 = openS3(config.s3);
  return {
    stage: openStage(config.stage, payloadKeys, s3),
    records: organisations.map(({ config: { s3: place, archive }, genesysSettings }) => {
      const bucket = new Bucket(s3, place);
      const mediaTypes = archivedMediaTypes(archive, genesysSettings);
      const former = formerMediaTypes(mediaTypes);
      return new BucketWindowRecords(
        new Manifests(bucket),
        new WindowReleases(bucket),
        new PlanWatermark(bucket, mediaTypes),
        former && { mediaTypes: former, watermark: new PlanWatermark(bucket, former) },
      );
    }),
    async [Symbol.asyncDispose]() {
      s3.destroy();
    },
  };
}

/**
 * The archive pipeline's part of a fetcher, in the order of the data. Planning and fetching are each organisation's own; queues, stage and
 * schedule are of all.
 */
export function archivePipeline(parts: {
  service: Service;
  organisations: Organisations<ArchiveOrganisation>;
  attempts: number;
  places: ArchivePlaces;
}): Component[] {
  const { service, organisations, attempts, places } = parts;
  const { stage, records } = places;
  const [{ config }] = organisations.all;
  const metrics = archiveMetrics(service.registry);
  const board = new PlanBoard(service.redis, service.deployment);
  const heldBack = new HeldBackBoard(service.redis, service.deployment);

  const plans = organisations.map(({ config: { archive }, genesysSettings, clock }, organisation) => {
    const settleMs = settleDelayMs(archive, genesysSettings);
    const mediaTypes = archivedMediaTypes(archive, genesysSettings);
    return new PlanWindows({
      terms: { ...archive, mediaTypes, organisation, settleMs, attempts },
      records: records.of(organisation),
      queue: service.queue(ARCHIVE_FETCH),
      now: () => clock.now(),
    });
  });
  const producer = new FlowProducer({
    ...service.traced,
    connection: bullConnection(service.redis),
    prefix: queuePrefix(service.deployment, ARCHIVE_WINDOW),
  });
  producer.on('error', () => {}); // the connection's own handler logs it
  const flows = new WindowFlows({
    producer,
    windows: service.queue(ARCHIVE_WINDOW),
    uploads: service.queue(ARCHIVE_UPLOAD),
    redacts: service.queue(ARCHIVE_REDACT),
    stage,
    attempts,
  });
  const fetches = organisations.map(
    ({ config: { archive }, genesys, genesysSettings, clock }, organisation) =>
      new FetchWindow({
        service,
        organisation,
        stage,
        source: archiveSource(genesys, genesysSettings, archive),
        records: records.of(organisation),
        flows,
        clock,
        metrics,
        heldBack,
        textWaitMs: archive.textWaitMs,
        limits: { conversations: archive.batchConversations, bytes: archive.batchBytes },
        settleMs: settleDelayMs(archive, genesysSettings),
        ...downloadBackoff(genesysSettings),
      }),
  );

  const { concurrency, planCron } = config.archive;
  return [
    new ArchiveWatch({
      service,
      board,
      heldBack,
      stage,
      records: records.all[0],
      metrics,
      fetches: fetches.all,
    }),
    stageSweeper(service, stage, config.stage.keepFailedMs, attempts),
    planWorker({ service, config: config.archiveWorker, attempts, plans, board }),
    fetchWorker({
      service,
      config: { ...config.archiveWorker, concurrency },
      attempts,
      fetches,
      metrics,
      heldBack,
    }),
    new PlanSchedule(service, planCron),
  ];
}

function stageSweeper(service: Service, stage: Stage, keepFailedMs: number, attempts: number): StageSweeper {
  const jobs = new WindowJobs((name) => service.queue(name), attempts);
  return new StageSweeper({
    stage,
    keepFailedMs,
    stateOf: (windowId) => jobs.stateOf(windowId),
    isDeadLetterNamed: (place) => jobs.isDeadLetterNamed(place),
    restoreDeadLetter: async (place) => {
      const { windowId, flow, batch, index } = place;
      const note = await stage.getNote(stagePlaces.deadLetterNote(windowId, flow, batch, index));
      return jobs.restoreDeadLetter(place, note);
    },
    told: ({ removed, failed, ...counts }) => {
      for (const { windowId, state } of removed) {
        service.log.info(
          { event: 'stage.swept', windowId, state },
          'Files that nothing needed were deleted from the stage',
        );
      }
      for (const { windowId, sweptAt } of failed) {
        const until = new Date(sweptAt).toISOString();
        service.log.warn(
          { event: 'stage.window-failed', windowId, until },
          'A window stands failed: its files are kept until then, for a person to retry it',
        );
      }
      if (counts.deadLettersRestored > 0) {
        service.log.warn(
          { event: 'stage.dead-letters-restored', count: counts.deadLettersRestored },
          'Dead letters had lost their jobs in Redis: they stand on the queue again, for a person',
        );
      }
      service.log.debug({ event: 'stage.sweep-ended', ...counts });
    },
    failed: (err) => service.log.warn({ event: 'stage.sweep-failed', err }, 'The stage could not be swept'),
  });
}
