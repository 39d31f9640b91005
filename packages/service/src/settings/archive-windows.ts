import { z } from 'zod';
import type { genesysSettings } from './genesys.ts';
import { commaList, optionalSetting, secondsAsMs, setting, type Values, wholeNumber } from './setting.ts';

const dayMinutes = 1_440;

/** Which windows of conversations there are; whoever plans or looks at windows reads them alike. */
export const archiveWindowSettings = {
  windowMs: setting({
    env: 'ARCHIVE_WINDOW_MINUTES',
    schema: wholeNumber(1, dayMinutes)
      .refine((minutes) => dayMinutes % minutes === 0, 'must divide a day (1440 minutes)')
      .transform((minutes) => minutes * 60_000),
    default: String(dayMinutes),
    summary: 'length of an archive window; the grid starts at midnight UTC',
  }),
  mediaTypes: optionalSetting({
    env: 'ARCHIVE_MEDIA_TYPES',
    schema: commaList(z.string().regex(/^[a-z]+$/, 'must name media types such as voice,chat')),
    summary:
      'media types of the conversations that are archived; by default platform `voice,chat,message,email`, guide `voice,chat`. They are a part of what a window is: see docs/upgrades.md before changing them',
  }),
  settleMs: optionalSetting({
    env: 'ARCHIVE_SETTLE_SECONDS',
    schema: secondsAsMs(0),
    summary:
      'how long after its end a window is fetched; by default platform 172800 (Genesys rewrites its conversation data for two days), guide 3600',
  }),
} as const;

type Contract = Pick<Values<typeof genesysSettings>, 'contract'>;

/** What the guides speak of, and what was the default of both contracts once. */
const guideMedia: readonly string[] = ['voice', 'chat'];

/** Whatever holds what was said or written: web chats of the past are `chat`, those of today `message`. */
const platformMedia: readonly string[] = [...guideMedia, 'message', 'email'];

/** The media types that are archived: those that are set, else those of the contract. */
export function archivedMediaTypes(
  { mediaTypes }: Pick<Values<typeof archiveWindowSettings>, 'mediaTypes'>,
  { contract }: Contract,
): readonly string[] {
  return mediaTypes ?? (contract === 'platform' ? platformMedia : guideMedia);
}

/**
 * The media types whose windows a deployment may have archived before those of today, because the default was another one: they are
 * to be finished, and not archived again. `null`: there are none.
 */
export function formerMediaTypes(mediaTypes: readonly string[]): readonly string[] | null {
  const names = (types: readonly string[]): string => [...new Set(types)].sort().join();
  return names(mediaTypes) === names(platformMedia) ? guideMedia : null;
}

/** The settle delay that holds (ms): the one that is set, else that of the contract. */
export function settleDelayMs(
  { settleMs }: Pick<Values<typeof archiveWindowSettings>, 'settleMs'>,
  { contract }: Contract,
): number {
  return settleMs ?? (contract === 'platform' ? 48 : 1) * 3_600_000;
}
