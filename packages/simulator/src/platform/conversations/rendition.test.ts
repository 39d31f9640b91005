import { createRedactor, redactDocument } from '@trunkline/redaction';
import { describe, expect, it } from 'vitest';
import { slotsOf } from '../../archive/archive-ledger.ts';
import { seedFrom } from '../../audit/random.ts';
import { stringAt } from '../../testing/ledger-place.ts';
import { archiveOf, DAY_BEFORE } from '../../testing/still-archive.ts';
import { Rendition } from './rendition.ts';

const archive = archiveOf({ volume: { conversations: 150, bytes: null } });
const rendition = new Rendition(seedFrom('trunkline'), archive);
const outlines = [...slotsOf(archive, { ...DAY_BEFORE, media: null })].flatMap((slot) => {
  const outline = rendition.outline(slot);
  return outline === null ? [] : [outline];
});

describe('the platform rendition of conversations', () => {
  it('says of every value where it stands', () => {
    const places = new Set<string>();
    for (const outline of outlines) {
      const { text, data } = rendition.gathered(outline, { attributes: true, media: null });
      const document: unknown = JSON.parse(text);
      for (const datum of data) {
        for (const place of datum.places) {
          expect(stringAt(document, place), place.pointer).toContain(place.text);
          places.add(place.pointer.replace(/\d+/g, 'N'));
        }
      }
    }
    expect([...places]).toEqual(
      expect.arrayContaining([
        '/participants/N/sessions/N/ani',
        '/participants/N/sessions/N/segments/N/wrapUpNote',
        '/transcripts/N/transcripts/N/phrases/N/words/N/word',
        '/transcripts/N/transcripts/N/phrases/N/alternatives/N/text',
        '/transcripts/N/participants/N/ani',
        '/messages/N/normalizedMessage/text',
        '/messages/N/body',
        '/emails/N/textBody',
        '/emails/N/htmlBody',
        '/emails/N/from/email',
      ]),
    );
  });

  it('tells of no value that the redaction engine leaves', () => {
    const redactor = createRedactor({ tokens: { key: 'k'.repeat(32) } });
    const left = new Set<string>();
    for (const outline of outlines) {
      const { text, data } = rendition.gathered(outline, { attributes: true, media: null });
      const redacted: unknown = JSON.parse(redactDocument(redactor, text).json);
      const names = JSON.stringify(redacted);
      for (const { type, form, claimed, places } of data) {
        if (!claimed) continue;
        for (const place of places) {
          if (place.text.length < 6) continue;
          const after = form === 'key' ? names : stringAt(redacted, place);
          if (after.includes(place.text))
            left.add(`${type}:${form} ${place.pointer.replace(/\d+/g, 'N')} ${place.text}`);
        }
      }
    }
    expect([...left]).toEqual([]);
  });
});
