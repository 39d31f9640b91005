import { z } from 'zod';
import { archiveWindow } from './archive-window.ts';
import { pipelinePrefix } from './queues.ts';

/** That a window goes on without texts which Genesys does not give, and who decided it. Stands for good: it names nobody else. */
export const windowRelease = z.object({
  /** As `user@host`; `null`: nobody, the time of ARCHIVE_TEXT_WAIT_SECONDS is over. */
  by: z.string().min(1).nullable(),
  reason: z.string().min(1),
  at: z.iso.datetime(),
});
export type WindowRelease = z.infer<typeof windowRelease>;

/** What a person asks for about one window. */
export const archiveWindowAct = z.object({
  /** `release`: go on without the texts that Genesys does not give. `again`: an archived window without some is fetched once more. */
  kind: z.enum(['release', 'again']),
  windowId: archiveWindow.shape.id,
  /** As `user@host`. */
  by: z.string().min(1),
  /** Kept on the compliance record. */
  reason: z.string().min(1).max(300),
  at: z.iso.datetime(),
});
export type ArchiveWindowAct = z.infer<typeof archiveWindowAct>;

/** What became of it. */
export const archiveWindowActOutcome = z.object({
  result: z.enum([
    /** The decision stands in the bucket, and the window's fetch goes on with it. */
    'released',
    /** Somebody had decided it before; the fetch is looked after again. */
    'released-before',
    /** The window is fetched once more. */
    'queued',
    /** Its fetch stands in the queue: nothing was asked for. */
    'under-way',
    /** The window is archived: there is nothing to release. */
    'archived',
    /** The window is archived, and nothing of it is missing. */
    'whole',
    /** The window is not archived: it cannot be fetched once more. */
    'not-archived',
  ]),
});
export type ArchiveWindowActOutcome = z.infer<typeof archiveWindowActOutcome>;

/** A window that is held back, for people to look at. Beside it its job waits in `archive-fetch`. */
export const heldBackWindow = z.object({
  windowId: z.string().min(1),
  /** Why: ARCHIVE_NOT_READY or ARCHIVE_TEXT_NOT_READY. */
  code: z.string().min(1),
  /** In a sentence, without data of a conversation. */
  why: z.string(),
  since: z.iso.datetime(),
  /** When it is looked at again. */
  until: z.iso.datetime(),
  /** When it goes on without such texts by itself; `null`: it does not. */
  goesOnAt: z.iso.datetime().nullable(),
});
export type HeldBackWindow = z.infer<typeof heldBackWindow>;

/** Redis hash of `heldBackWindow` as JSON, by window; the fetcher writes it at each look and takes it out when the window goes on. */
export function heldBackWindowsKey(deployment: string): string {
  return `${pipelinePrefix(deployment, 'archive')}:held-back`;
}
