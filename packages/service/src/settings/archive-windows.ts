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
  mediaTypes: setting({
    env: 'ARCHIVE_MEDIA_TYPES',
    schema: commaList(z.string().regex(/^[a-z]+$/, 'must name media types such as voice,chat')),
    default: 'voice,chat',
    summary: 'media types of the conversations that are archived',
  }),
  settleMs: optionalSetting({
    env: 'ARCHIVE_SETTLE_SECONDS',
    schema: secondsAsMs(0),
    summary:
      'how long after its end a window is fetched; by default platform 172800 (Genesys rewrites its conversation data for two days), guide 3600',
  }),
} as const;

/** The settle delay that holds (ms): the one that is set, else that of the contract. */
export function settleDelayMs(
  { settleMs }: Pick<Values<typeof archiveWindowSettings>, 'settleMs'>,
  { contract }: Pick<Values<typeof genesysSettings>, 'contract'>,
): number {
  return settleMs ?? (contract === 'platform' ? 48 : 1) * 3_600_000;
}
