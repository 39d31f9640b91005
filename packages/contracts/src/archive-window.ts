import { z } from 'zod';
import { organisationId } from './organisation.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/**
 * A window [from, to) of the fixed UTC grid, of an organisation and some media types: the unit of planning, of the manifest, of the compliance
 * record, of the metrics and of the completion event. A conversation belongs to the window in which it starts, so no two
 * windows of the same media types hold it.
 */
export const archiveWindow = z.object({
  /** `BATCH_<yyyymmdd>[_<hhmm>][_<media>][.<organisation>]`, see `archiveWindowAt`. */
  id: z.string().regex(/^BATCH_\d{8}(_\d{4})?(_[a-z+]+)?(\.[a-z0-9_]{1,32})?$/),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** Sorted, each once. */
  mediaTypes: z.array(z.string().regex(/^[a-z]+$/)).min(1),
  /** Absent: the only one of the deployment, from the environment. */
  organisation: organisationId.exactOptional(),
});
export type ArchiveWindow = z.infer<typeof archiveWindow>;

/** The media types that need no name in a window's id: those that the guide's query asks for. */
const usualMedia = 'chat+voice';

/**
 * The window of the grid in which a moment lies.
 *
 * Its id is a function of its place, its media types and its organisation alone: `BATCH_20261121` for a whole day of voice and chat,
 * with `_<hhmm>` for shorter windows, with `_<media>` (sorted, joined by `+`) for other media types, with `.<organisation>` where the
 * deployment has several.
 *
 * @param at ms since 1970; @param lengthMs whole minutes, a divisor of a day (the grid starts at midnight UTC)
 */
export function archiveWindowAt(
  at: number,
  lengthMs: number,
  mediaTypes: readonly string[],
  organisation: string | null = null,
): ArchiveWindow {
  if (lengthMs % minuteMs !== 0 || lengthMs <= 0 || dayMs % lengthMs !== 0) {
    throw new RangeError('the length of an archive window must be whole minutes and divide a day');
  }
  const start = Math.floor(at / lengthMs) * lengthMs;
  const from = new Date(start).toISOString();
  const media = [...new Set(mediaTypes)].sort();
  const day = from.slice(0, 10).replaceAll('-', '');
  const time = lengthMs === dayMs ? '' : `_${from.slice(11, 16).replace(':', '')}`;
  const suffix = media.join('+') === usualMedia ? '' : `_${media.join('+')}`;
  return {
    id: `BATCH_${day}${time}${suffix}${organisation === null ? '' : `.${organisation}`}`,
    from,
    to: new Date(start + lengthMs).toISOString(),
    mediaTypes: media,
    ...(organisation === null ? {} : { organisation }),
  };
}

/** Every window that a range [fromMs, toMs) touches, oldest first; none where the range is empty. */
export function* archiveWindowsOf(
  fromMs: number,
  toMs: number,
  lengthMs: number,
  mediaTypes: readonly string[],
  organisation: string | null = null,
): Generator<ArchiveWindow> {
  if (toMs <= fromMs) return;
  for (let at = Math.floor(fromMs / lengthMs) * lengthMs; at < toMs; at += lengthMs) {
    yield archiveWindowAt(at, lengthMs, mediaTypes, organisation);
  }
}

/** The organisation of a window, from the window's id; `null`: the only one of the deployment, from the environment. */
export function organisationOfWindow(windowId: string): string | null {
  return /\.([a-z0-9_]{1,32})$/.exec(windowId)?.[1] ?? null;
}
