import { z } from 'zod';
import type { ArchiveWindow } from './archive-window.ts';
import { pipelinePrefix } from './queues.ts';

const count = z.number().int().nonnegative();

/**
 * A window as it ended, for people to look at: the uploader adds it to a short list in Redis. The truth about a window is
 * its manifest. A window may stand in the list several times: the newest line counts.
 */
export const archivedWindow = z.object({
  windowId: z.string().min(1),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  status: z.enum(['SUCCESS', 'FAILURE']),
  /** The figures are `null` where the window failed before they were known. */
  conversations: count.nullable(),
  /** Bytes stored in the bucket. */
  bytes: count.nullable(),
  /** USD a month for what was stored. */
  cost: z.number().nonnegative().nullable(),
  /** See `archiveSource`. */
  integrity: z.enum(['verified', 'unverified']).nullable(),
  /** Texts that its conversations are without. */
  missingTexts: count.nullable().default(null),
  at: z.iso.datetime(),
});
export type ArchivedWindow = z.infer<typeof archivedWindow>;

/** The line of a window that failed. */
export function failedWindow({ id, from, to }: ArchiveWindow, at: Date): ArchivedWindow {
  const unknown = { conversations: null, bytes: null, cost: null, integrity: null, missingTexts: null };
  return { windowId: id, from, to, status: 'FAILURE', ...unknown, at: at.toISOString() };
}

/** Redis list of `archivedWindow` as JSON, the newest first (LPUSH, then LTRIM to `archivedWindowsKept`). */
export function archivedWindowsKey(deployment: string): string {
  return `${pipelinePrefix(deployment, 'archive')}:windows`;
}

export const archivedWindowsKept = 100;
