import { z } from 'zod';
import { MEDIA_TYPES, type MediaType } from './archive-settings.ts';
import type { Window } from './roster.ts';

/** Queries of the control API about archives: everything that is not known is refused. */

const time = z.iso.datetime({ offset: true });
const flag = z.literal('1').optional();
const rangeShape = {
  from: time.optional(),
  to: time.optional(),
  media: z.string().optional(),
  /** In place of `from` and `to`: whatever was delivered. */
  served: flag,
};
export const rangeSchema = z.strictObject(rangeShape);
/** Whose rendition is told of; of the platform's, whether rows have attributes, as those of jobs have. */
const contractShape = {
  contract: z.enum(['guide', 'platform']).default('guide'),
  attributes: flag,
};
export const conversationsSchema = z.strictObject({
  ...rangeShape,
  ...contractShape,
  source: flag,
  data: flag,
});
export const dataSchema = z.strictObject({
  ...rangeShape,
  ...contractShape,
  claimed: z.enum(['0', '1']).optional(),
  distinct: flag,
});
export const pageSchema = z.strictObject({
  from: time,
  to: time,
  media: z.string().optional(),
  size: z.coerce.number().int().min(1).max(1000).default(100),
  page: z.coerce.number().int().min(0).default(0),
});

/**
 * The window of a range.
 * @throws ZodError where it has no ends or an unknown media type
 */
export function windowOf({
  from,
  to,
  media,
}: {
  from?: string | undefined;
  to?: string | undefined;
  media?: string | undefined;
}): Window {
  const ends = z.object({ from: time, to: time }).parse({ from, to });
  return { fromMs: Date.parse(ends.from), toMs: Date.parse(ends.to), media: mediaOf(media) };
}

function mediaOf(text: string | undefined): MediaType[] | null {
  if (text === undefined) return null;
  return z.array(z.enum(MEDIA_TYPES)).parse(text.split(','));
}
