/**
 * One archive on its way through fetcher, redactor and uploader, stage by stage.
 *
 * The processes run from the beginning, as users run them; their queues are opened one after the other, so that each stage has
 * the machine for itself and its rate is its own. What a process holds at its peak does not depend on its neighbours.
 */
import {
  ARCHIVE_FETCH,
  ARCHIVE_REDACT,
  ARCHIVE_UPLOAD,
  ARCHIVE_WINDOW,
  archiveWindowAt,
  type QueueName,
} from '@trunkline/contracts';
import { openQueue } from '@trunkline/service';
import type { Queue } from 'bullmq';
import { type ArchiveParts, archiveEnvironment, openManifests } from './archive-parts.ts';
import { cpuSecondsOf, residentMegabytes } from './cpu.ts';
import { BenchProcess } from './processes.ts';
import { Source } from './source.ts';
import { until } from './until.ts';

export const archivePrograms = ['fetcher', 'redactor', 'uploader'] as const;
export type ArchiveProgram = (typeof archivePrograms)[number];

export type ArchiveStage = 'download' | 'split' | 'redact' | 'store';

export interface ArchiveRun {
  /** Of the archive as it was served. */
  bytes: number;
  seconds: Record<ArchiveStage, number>;
  /** Of each process, for all of its work. */
  cpuSeconds: Record<ArchiveProgram, number>;
  /** Resident memory before the first job and the most ever (VmHWM), in MB. */
  resident: Record<ArchiveProgram, { idle: number; peak: number }>;
  /** Of the objects of conversations. */
  storedBytes: number;
}

export interface ArchiveRunSpec {
  parts: ArchiveParts;
  /** About so many bytes. */
  bytes: number;
  settings: Readonly<Record<string, string>>;
  profile: string | null;
  tell: (line: string) => void;
}

const dayMs = 86_400_000;
/** All that the simulator has, so that the window is as large as the day. */
const media = ['voice', 'chat', 'email', 'message', 'callback'] as const;
/** A stage of gigabytes on a machine that does other things too. */
const limitMs = 3 * 3_600_000;

/** @throws Error where a job fails, or what is stored is not all that was served */
export async function archiveRun(spec: ArchiveRunSpec): Promise<ArchiveRun> {
  const { parts, tell } = spec;
  const name = `p6-${spec.bytes}`;
  await using source = await Source.start(parts.folder, 0);
  const { clock } = await source.control.state();
  const window = archiveWindowAt(Date.parse(clock.now) - dayMs, dayMs, media);
  await source.control.changeArchive({ day: window.from.slice(0, 10), bytes: spec.bytes });
  const page = await source.control.archivePage({ from: window.from, to: window.to, media: [...media] });
  tell(`${page.conversations} conversations, ${Math.round(page.bytes / 1e6)} MB`);

  await using stack = new AsyncDisposableStack();
  const queues = new ArchiveQueues(name, parts, stack);
  for (const queue of [ARCHIVE_FETCH, ARCHIVE_REDACT, ARCHIVE_UPLOAD] as const)
    await queues.of(queue).pause();
  const processes = {} as Record<ArchiveProgram, BenchProcess>;
  for (const program of archivePrograms) {
    const env = environment(name, spec, source);
    const { profile } = spec;
    processes[program] = stack.use(
      await BenchProcess.start({ program, name: `${name}-${program}`, env, folder: parts.folder, profile }),
    );
  }
  for (const program of archivePrograms) await processes[program].untilReady();
  const running = async (what: string, holds: () => Promise<boolean>): Promise<number> => {
    const startedAt = performance.now();
    await until(
      what,
      async () => {
        for (const program of archivePrograms) processes[program].requireRunning();
        await queues.requireNoneFailed();
        return holds();
      },
      { limitMs, everyMs: 50 },
    );
    return (performance.now() - startedAt) / 1_000;
  };
  await running('the window is planned', async () => (await queues.of(ARCHIVE_FETCH).count()) > 0);
  const each = <T>(read: (pid: number) => T) =>
    Object.fromEntries(archivePrograms.map((one) => [one, read(processes[one].pid)])) as Record<
      ArchiveProgram,
      T
    >;
  const idle = each((pid) => residentMegabytes(pid).now);
  const cpuBefore = each(cpuSecondsOf);

  await queues.of(ARCHIVE_FETCH).resume();
  const series = 'trunkline_archive_downloaded_bytes_total{service="fetcher"}';
  const download = await running('it is downloaded', async () => {
    return (await processes.fetcher.metric(series)) >= page.bytes;
  });
  tell(`downloaded in ${download.toFixed(1)} s`);
  const split = await running('it is split', () => queues.isDrained(ARCHIVE_FETCH));
  tell(`split in ${split.toFixed(1)} s`);
  await queues.of(ARCHIVE_REDACT).resume();
  const redact = await running('it is redacted', () => queues.isDrained(ARCHIVE_REDACT));
  tell(`redacted in ${redact.toFixed(1)} s`);
  await queues.of(ARCHIVE_UPLOAD).resume();
  const manifests = openManifests(name, parts.s3, stack);
  const store = await running('the window is complete', () => manifests.exists(window));
  tell(`stored in ${store.toFixed(1)} s`);
  await running('the window is put away', () => queues.isDrained(ARCHIVE_WINDOW));

  const manifest = (await manifests.read(window.id))?.manifest;
  const isWhole =
    manifest?.source.sha256 === page.sha256 && manifest.counts.conversations === page.conversations;
  if (!isWhole) throw new Error(`Not all of ${window.id} is stored: ${JSON.stringify(manifest?.counts)}.`);
  const peak = each((pid) => residentMegabytes(pid).peak);
  const cpuAfter = each(cpuSecondsOf);
  tell(`peaks: ${archivePrograms.map((one) => `${one} ${Math.round(peak[one])} MB`).join(', ')}`);
  return {
    bytes: page.bytes,
    seconds: { download, split, redact, store },
    cpuSeconds: byProgram((one) => cpuAfter[one] - cpuBefore[one]),
    resident: byProgram((one) => ({ idle: idle[one], peak: peak[one] })),
    storedBytes: manifest.objects.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function byProgram<T>(of: (program: ArchiveProgram) => T): Record<ArchiveProgram, T> {
  return Object.fromEntries(archivePrograms.map((one) => [one, of(one)])) as Record<ArchiveProgram, T>;
}

/** The queues of the run's deployment, closed with the run. */
class ArchiveQueues {
  readonly #queues = new Map<QueueName, Queue>();

  constructor(deployment: string, { redis }: ArchiveParts, stack: AsyncDisposableStack) {
    for (const name of [ARCHIVE_FETCH, ARCHIVE_REDACT, ARCHIVE_UPLOAD, ARCHIVE_WINDOW] as const) {
      const queue = openQueue(deployment, name, redis);
      this.#queues.set(name, queue);
      stack.defer(() => queue.close());
    }
  }

  of(name: QueueName): Queue {
    const queue = this.#queues.get(name);
    if (queue === undefined) throw new Error(`${name} is no queue of this measurement.`);
    return queue;
  }

  async isDrained(name: QueueName): Promise<boolean> {
    const counts = await this.of(name).getJobCounts('waiting', 'active', 'delayed', 'prioritized');
    return Object.values(counts).every((count) => count === 0);
  }

  async requireNoneFailed(): Promise<void> {
    for (const [name, queue] of this.#queues) {
      const [failed] = await queue.getFailed(0, 0);
      if (failed !== undefined) throw new Error(`A job of ${name} failed: ${failed.failedReason}`);
    }
  }
}

function environment(
  name: string,
  { parts, settings }: ArchiveRunSpec,
  source: Source,
): Record<string, string> {
  return {
    TRUNKLINE_PREFIX: name,
    FETCHER_PIPELINES: 'archive',
    REDIS_URL: parts.redisUrl,
    GENESYS_API_BASE: source.url,
    GENESYS_CLIENT_ID: 'simulator-client',
    GENESYS_CLIENT_SECRET: 'simulator-secret',
    PAYLOAD_KEY: Buffer.alloc(32, name).toString('base64'),
    ...archiveEnvironment(name, parts.folder, parts.s3),
    ARCHIVE_MEDIA_TYPES: media.join(','),
    ARCHIVE_SETTLE_SECONDS: '0',
    ...settings,
  };
}
