import { hash } from 'node:crypto';
import type { Archive } from '../../archive/archive.ts';
import { type LedgerItem, slotsOf } from '../../archive/archive-ledger.ts';
import type { Window } from '../../archive/roster.ts';
import { mediaTypesOf } from './outline.ts';
import type { Rendition } from './rendition.ts';

/**
 * The conversations of a window as the platform contract serves them, whole, by start: those that begin in it and have a
 * session of a wanted media type.
 * @param attributes whether participants have their attributes, as in rows of jobs
 */
export function* gatheredItems(
  archive: Archive,
  rendition: Rendition,
  { fromMs, toMs, media }: Window,
  attributes: boolean,
): Generator<LedgerItem> {
  const wanted = { attributes, media };
  for (const slot of slotsOf(archive, { fromMs, toMs, media: null })) {
    const outline = rendition.outline(slot);
    if (outline === null) continue;
    const { conversationId, mediaType, startMs } = outline;
    if (media !== null && !mediaTypesOf(mediaType).some((type) => media.includes(type))) continue;
    yield {
      conversationId,
      data: () => rendition.gathered(outline, wanted).data,
      describe: (also) => {
        const { text, data } = rendition.gathered(outline, wanted);
        return {
          conversationId,
          startedAt: new Date(startMs).toISOString(),
          mediaType,
          bytes: Buffer.byteLength(text),
          sha256: hash('sha256', text, 'hex'),
          revision: slot.revision,
          tags: slot.odd === null ? [] : [slot.odd.kind],
          personalData: data.length,
          claimed: data.filter(({ claimed }) => claimed).length,
          ...(also.source ? { source: text } : {}),
          ...(also.data ? { data: [...data] } : {}),
        };
      },
    };
  }
}
