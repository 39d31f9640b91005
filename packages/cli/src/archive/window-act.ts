/** What a person decides about one window whose texts do not come; a fetcher does it. */
import {
  type ArchiveWindowAct,
  type ArchiveWindowActOutcome,
  archiveWindow,
  archiveWindowActOutcome,
} from '@trunkline/contracts';
import { loadSettings } from '@trunkline/service';
import { askPlanner, type PlannerEnd } from '../backfill/plan-range.ts';
import { windowActSettings } from '../config.ts';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes, UsageError } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { onRecord } from '../frame/on-record.ts';
import { Progress } from '../terminal/progress.ts';
import { printable } from '../terminal/text.ts';

/** Longest wait for a fetcher (ms); what was asked for is done without anybody waiting, too. */
const patienceMs = 60_000;

const mostLetters = 300;

export async function askAboutWindow(
  io: CommandIo,
  kind: ArchiveWindowAct['kind'],
  windowId: string,
  options: { reason: string; json: boolean },
): Promise<ExitCode> {
  if (!archiveWindow.shape.id.safeParse(windowId).success)
    throw new UsageError(`${printable(windowId)} is no id of a window, such as BATCH_20261121.`);
  const reason = options.reason.trim();
  if (reason === '' || reason.length > mostLetters)
    throw new UsageError(`--reason must say why, in at most ${mostLetters} letters.`);
  const config = loadSettings(windowActSettings, io.env);
  using progress = new Progress(io.err, io.now);
  await using redis = await openRedis(config.redis, progress);
  const act: ArchiveWindowAct = {
    kind,
    windowId,
    by: io.user,
    reason,
    at: new Date(io.now()).toISOString(),
  };
  const parts = {
    redis,
    deployment: config.process.deployment,
    attempts: config.worker.attempts,
    progress,
    now: io.now,
    user: io.user,
    until: io.now() + patienceMs,
  };
  const told = { action: `window-${kind}`, target: `window ${windowId}`, reason, ahead: true };
  const { jobId, end } = await onRecord(io, redis, told, progress, () =>
    askPlanner(parts, kind, { v: 1, range: null, act }),
  );
  progress[Symbol.dispose]();
  const result = end.kind === 'done' ? archiveWindowActOutcome.parse(end.outcome).result : null;
  const report = { v: 1, windowId, jobId, result: result ?? end.kind };
  io.out.write(options.json ? `${JSON.stringify(report)}\n` : `${textOf(windowId, result, end)}\n`);
  if (result === null) return exitCodes.incomplete;
  return result === 'released' || result === 'released-before' || result === 'queued'
    ? exitCodes.ok
    : exitCodes.findings;
}

function textOf(windowId: string, result: ArchiveWindowActOutcome['result'] | null, end: PlannerEnd): string {
  switch (result) {
    case 'released':
      return `${windowId} goes on without the texts that Genesys does not give; that is on record.`;
    case 'released-before':
      return `${windowId} was released before; its fetch runs now.`;
    case 'queued':
      return `${windowId} is fetched once more. What is archived stays until the new one is.`;
    case 'under-way':
      return `The fetch of ${windowId} stands in its queue, under way or failed: nothing was asked for.`;
    case 'archived':
      return `${windowId} is archived: there is nothing to release.`;
    case 'whole':
      return `${windowId} is archived, and no text is missing of it: nothing was asked for.`;
    case 'not-archived':
      return `${windowId} is not archived; have it fetched by backfill archive.`;
    case null:
      return end.kind === 'failed'
        ? `a fetcher could not do it: ${printable(end.reason, 500)}`
        : end.kind === 'removed'
          ? 'nothing was done: somebody removed the request'
          : 'no fetcher has done it yet; it is done as soon as one can';
    default:
      return result satisfies never;
  }
}
