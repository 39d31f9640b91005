/**
 * The archive-notify worker: one completion event, delivered or on its way.
 *
 * The retries are its own, over NOTIFY_RETRY_SECONDS: the job goes aside until its next try and burns no attempt. How often it was
 * tried rides in the job's progress. When the time is over the job stands failed; a person's retry begins anew.
 * 410 pauses the queue for everybody: the receiver has said that it wants no more of them.
 */
import {
  ARCHIVE_NOTIFY,
  type ArchiveNotifyJob,
  archiveNotifyJob,
  errorCodeOf,
  TrunklineError,
} from '@trunkline/contracts';
import { HeldBack, type JobRun, QueueWorker, type Service, type WorkerConfig } from '@trunkline/service';
import { z } from 'zod';
import type { UploaderMetrics } from './metrics.ts';
import { nextTryMs } from './notify-schedule.ts';
import type { Webhook } from './webhook.ts';

const progress = z.object({ tries: z.number().int().nonnegative(), firstTryAt: z.number() });
type Progress = z.infer<typeof progress>;

export interface NotifyWorkerParts {
  service: Service;
  config: WorkerConfig;
  /** `null`: EVENT_BRIDGE_URL was taken away; what is queued stays. */
  webhook: Webhook | null;
  retryMs: number;
  metrics: UploaderMetrics;
  now: () => Date;
}

const longestRunMs = 300_000;
/** How long events wait for an address to be set again (ms). */
const unsetDelayMs = 300_000;

export function notifyWorker(parts: NotifyWorkerParts): QueueWorker<ArchiveNotifyJob, { status: number }> {
  return new QueueWorker({
    ...parts,
    queue: ARCHIVE_NOTIFY,
    schema: archiveNotifyJob,
    run: (run) => notify(parts, run),
    longestRunMs,
  });
}

async function notify(parts: NotifyWorkerParts, run: JobRun<ArchiveNotifyJob>): Promise<{ status: number }> {
  const { service, webhook, metrics, now } = parts;
  const { data, jobId, signal } = run;
  if (webhook === null) throw new HeldBack('EVENT_BRIDGE_URL is not set', unsetDelayMs);
  const facts = { queue: ARCHIVE_NOTIFY, jobId, windowId: data.windowId, traceId: data.traceId };
  let failure: TrunklineError;
  let retryAfterMs: number | null = null;
  try {
    const delivery = await webhook.deliver(data, now(), signal);
    switch (delivery.kind) {
      case 'delivered':
        metrics.notifications.inc({ result: 'delivered' });
        service.totals.add('completionEvents', 1);
        service.log.info(
          { event: 'webhook.delivered', ...facts, status: delivery.status },
          'The webhook took a completion event',
        );
        return { status: delivery.status };
      case 'gone':
        await pauseQueue(parts, facts);
        throw new HeldBack('the webhook answered 410');
      case 'refused':
        failure = refused(delivery.status);
        retryAfterMs = delivery.retryAfterMs;
        break;
      default:
        throw delivery satisfies never;
    }
  } catch (error) {
    if (!(error instanceof TrunklineError) || error.code !== 'WEBHOOK_UNREACHABLE') throw error;
    failure = error;
  }
  throw await laterOrNever(parts, run, failure, retryAfterMs);
}

/** The error that puts the job aside until its next try; the failure itself where its time is over. */
async function laterOrNever(
  { service, retryMs, metrics, now }: NotifyWorkerParts,
  { job, jobId, data }: JobRun<ArchiveNotifyJob>,
  failure: TrunklineError,
  retryAfterMs: number | null,
): Promise<Error> {
  const at = now().getTime();
  const before = progress.safeParse(job.progress);
  const tried: Progress =
    before.success && before.data.tries > 0 ? before.data : { tries: 0, firstTryAt: at };
  const tries = tried.tries + 1;
  const waitMs = nextTryMs(tries, at - tried.firstTryAt, { retryMs, retryAfterMs }, Math.random);
  // A person's retry has the whole time again.
  await job.updateProgress(
    waitMs === null ? { tries: 0, firstTryAt: at } : { tries, firstTryAt: tried.firstTryAt },
  );
  metrics.notifications.inc({ result: waitMs === null ? 'failed' : 'retried' });
  service.log.warn(
    {
      event: 'webhook.not-delivered',
      queue: ARCHIVE_NOTIFY,
      jobId,
      windowId: data.windowId,
      traceId: data.traceId,
      attempt: tries,
      retryAfterMs: waitMs,
      errorCode: errorCodeOf(failure),
      err: failure,
    },
    waitMs === null
      ? 'A completion event could not be delivered, and its time is over'
      : 'A completion event is delivered again later',
  );
  return waitMs === null ? failure : new HeldBack('the webhook did not take the event', waitMs, failure);
}

async function pauseQueue({ service, metrics }: NotifyWorkerParts, facts: object): Promise<void> {
  metrics.notifications.inc({ result: 'gone' });
  await service.queue(ARCHIVE_NOTIFY).pause();
  service.health.report('webhook', pausedMessage);
  service.log.error({ event: 'webhook.gone', ...facts, errorCode: 'WEBHOOK_GONE' }, pausedMessage);
}

export const pausedMessage =
  'The queue archive-notify is paused: the webhook answered 410 (gone), or a person paused it. Archives go on. Correct EVENT_BRIDGE_URL, then resume the queue on the dashboard.';

function refused(status: number): TrunklineError {
  const isRedirect = status >= 300 && status < 400;
  return new TrunklineError('WEBHOOK_REFUSED', {
    message: `The webhook of EVENT_BRIDGE_URL answered ${status}; 200 and 202 are success.`,
    remedy: isRedirect
      ? 'Redirects are not followed: set EVENT_BRIDGE_URL to where it leads, then retry.'
      : 'It is tried again by itself; the archive is done. Look at the receiver.',
  });
}
