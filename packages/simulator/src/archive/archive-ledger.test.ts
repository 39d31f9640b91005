import { hash } from 'node:crypto';
import { createRedactor, redactDocument } from '@trunkline/redaction';
import { expect, describe as group, it } from 'vitest';
import { seedFrom } from '../audit/random.ts';
import { stringAt } from '../testing/ledger-place.ts';
import { archiveOf, DAY_BEFORE } from '../testing/still-archive.ts';
import { describe, type LedgerConversation, SummaryCount, servedSlots, slotsOf } from './archive-ledger.ts';
import type { DeliveredWindow } from './download-log.ts';
import { person } from './person.ts';

const WINDOW = { ...DAY_BEFORE, media: null };
const archive = archiveOf({ dailyOdd: ['not-object', 'without-id', 'odd-transcripts'] });
const conversations = Array.from(slotsOf(archive, WINDOW), (slot) =>
  describe(archive, slot, { source: true, data: true }),
);

/** Text with every digit as ASCII, spoken ones too, without separators and accents. */
function folded(text: string): string {
  const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
  return text
    .normalize('NFKD')
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/ł/gi, 'l')
    .toLowerCase()
    .replace(/[a-z]+/g, (word) => (digits.includes(word) ? String(digits.indexOf(word)) : word))
    .replace(/[^0-9a-z]/g, '');
}

/** The conversation's texts without what the ledger knows of. */
function remainder({ source = '', data = [] }: LedgerConversation): string {
  const texts: string[] = [];
  const removed = new Map<string, string[]>();
  for (const { pointer, text } of data.flatMap(({ places }) => places)) {
    removed.set(pointer, [...(removed.get(pointer) ?? []), text]);
  }
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        texts.push(without(name, removed.get(`${pointer}/${name}`)));
        walk(member, `${pointer}/${name}`);
      }
    } else if (typeof value === 'string') texts.push(without(value, removed.get(pointer)));
  };
  walk(JSON.parse(source), '');
  return texts.map(folded).join('|');
}

function without(text: string, values: string[] = []): string {
  return values.reduce((rest, value) => rest.replaceAll(value, ''), text);
}

group('the ledger of the archives', () => {
  it('has every item with size and digest of its exact text', () => {
    expect(conversations).toHaveLength(43);
    for (const { source = '', bytes, sha256, conversationId } of conversations) {
      expect(bytes).toBe(Buffer.byteLength(source));
      expect(sha256).toBe(hash('sha256', source, 'hex'));
      const item = JSON.parse(source) as { conversationId?: string } | number;
      expect(conversationId).toBe((item as { conversationId?: string }).conversationId ?? null);
    }
  });

  it('says of every value where it stands', () => {
    let values = 0;
    for (const { source = '', data = [] } of conversations) {
      const item: unknown = JSON.parse(source);
      for (const { places, written } of data) {
        expect(places.map(({ text }) => text).join('\n')).toBe(written);
        for (const place of places) expect(stringAt(item, place)).toContain(place.text);
        values += 1;
      }
    }
    expect(values).toBeGreaterThan(1000);
  });

  it('misses no value', () => {
    const people = Array.from({ length: 20 }, (_, n) => person(seedFrom('trunkline'), n));
    for (const conversation of conversations) {
      const text = remainder(conversation);
      for (const { phone, secondPhone, mail, ssn, card, iban, last } of people) {
        const secrets = [
          phone.slice(-7),
          secondPhone.slice(2),
          ssn,
          card,
          iban.slice(4),
          folded(mail.split('@')[0] ?? ''),
        ];
        for (const secret of [...secrets, folded(last)]) expect(text).not.toContain(secret);
      }
    }
  });

  it('has every form, and tags those that the redaction engine finds', () => {
    const redactor = createRedactor({ tokens: { key: 'k'.repeat(32) } });
    const forms = new Set<string>();
    const larger = archiveOf({ volume: { conversations: 120, bytes: null } });
    for (const slot of slotsOf(larger, WINDOW)) {
      const { source = '', data = [] } = describe(larger, slot, { source: true, data: true });
      const redacted: unknown = JSON.parse(redactDocument(redactor, source).json);
      const names = JSON.stringify(redacted);
      for (const { type, form, claimed, places } of data) {
        forms.add(`${type}:${form}`);
        if (!claimed) {
          expect(`${type}:${form}`).toBe('NAME:attribute');
          continue;
        }
        for (const place of places) {
          // Three digits may well stand in a token.
          if (place.text.length < 6) continue;
          const text = form === 'key' ? names : stringAt(redacted, place);
          expect(text, `${type}:${form}`).not.toContain(place.text);
        }
      }
    }
    const kinds =
      'plain bare intl national spoken split spoken-split unicode obfuscated address note key nested-json'.split(
        ' ',
      );
    for (const form of kinds) expect(forms).toContain(`PHONE:${form}`);
    for (const form of ['plain', 'spoken', 'spoken-split', 'obfuscated', 'unicode', 'subject', 'key']) {
      expect(forms).toContain(`EMAIL:${form}`);
    }
    for (const form of ['SSN:odd-separators', 'SSN:split', 'CARD:grouped', 'CARD:spoken', 'IBAN:grouped']) {
      expect(forms).toContain(form);
    }
  });

  it('counts what it lists', () => {
    const count = new SummaryCount();
    for (const slot of slotsOf(archive, WINDOW)) count.add(archive, slot);
    const sum = (of: (conversation: LedgerConversation) => number) =>
      conversations.reduce((total, conversation) => total + of(conversation), 0);
    expect(count.summary).toMatchObject({
      conversations: 43,
      withoutId: 2,
      bytes: sum(({ bytes }) => bytes),
      personalData: sum(({ personalData }) => personalData),
      claimed: sum(({ claimed }) => claimed),
    });
  });

  it('lists a conversation once, however often its window was delivered', () => {
    const window = (from: number, to: number, media: DeliveredWindow['media'], complete = true) =>
      ({
        from: new Date(DAY_BEFORE.fromMs + from * 3_600_000).toISOString(),
        to: new Date(DAY_BEFORE.fromMs + to * 3_600_000).toISOString(),
        media,
        complete,
      }) as DeliveredWindow;
    const served = [
      ...servedSlots(archive, [
        window(0, 12, ['voice']),
        window(6, 18, null),
        window(0, 6, ['chat']),
        window(0, 24, null, false),
      ]),
    ];
    const ids = served.map((slot) => archive.writer.idOf(slot));
    expect(new Set(ids.filter((id) => id !== null)).size).toBe(ids.filter((id) => id !== null).length);
    const expected = conversations.filter(({ startedAt, mediaType }) => {
      const hour = (Date.parse(startedAt) - DAY_BEFORE.fromMs) / 3_600_000;
      return hour < 6 ? mediaType === null || mediaType === 'voice' || mediaType === 'chat' : hour < 18;
    });
    expect(ids).toEqual(expected.map(({ conversationId }) => conversationId));
  });
});
