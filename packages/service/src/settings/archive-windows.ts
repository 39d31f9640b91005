import { z } from 'zod';
import { commaList, secondsAsMs, setting, wholeNumber } from './setting.ts';

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
  settleMs: setting({
    env: 'ARCHIVE_SETTLE_SECONDS',
    schema: secondsAsMs(0),
    default: '3600',
    summary: 'how long after its end a window is fetched',
  }),
} as const;
