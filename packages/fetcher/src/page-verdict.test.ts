import { batchLines } from '@trunkline/contracts';
import { pageFingerprint } from '@trunkline/stream-state';
import { describe, expect, it } from 'vitest';
import { judgePage } from './page-verdict.ts';

const now = new Date('2026-11-22T10:00:00Z');
const event = (id: number, date = '2026-11-22T09:00:00Z'): string => JSON.stringify({ id: `e${id}`, date });
const how = { expired: false, limit: 2, headMs: 5_000 };
const nothingReceived = { cursor: null, page: '' };

function judge(
  received: { cursor: string | null; page: string },
  eventTexts: string[],
  nextCursor: string | null,
  more: Partial<typeof how> = {},
  told: { reachedAt: number | null; atHead: boolean | null } = { reachedAt: null, atHead: null },
) {
  return judgePage(
    received,
    { eventCount: eventTexts.length, lines: batchLines(eventTexts), nextCursor, serverDate: now, ...told },
    { ...how, ...more },
  );
}

describe('judgePage', () => {
  it('takes a full page and asks for the next at once', () => {
    expect(judge(nothingReceived, [event(1), event(2)], 'a')).toEqual({
      kind: 'batch',
      after: 'a',
      page: pageFingerprint([event(1), event(2)]),
      at: Date.parse('2026-11-22T09:00:00Z'),
      more: true,
    });
  });

  it('keeps the last cursor when the stream is drained', () => {
    expect(judge({ cursor: 'a', page: 'x' }, [event(1)], null)).toMatchObject({
      kind: 'batch',
      after: 'a',
      more: false,
    });
    expect(judge({ cursor: 'a', page: 'x' }, [], null)).toEqual({ kind: 'nothing', more: false });
  });

  it('recognises a tail that is returned again', () => {
    const tail = [event(1), event(2)];
    expect(judge({ cursor: 'a', page: pageFingerprint(tail) }, tail, null)).toEqual({
      kind: 'nothing',
      more: false,
    });
    expect(judge({ cursor: 'a', page: pageFingerprint(tail) }, [...tail, event(3)], null).kind).toBe('batch');
    expect(judge({ cursor: 'a', page: pageFingerprint(tail) }, tail, 'b').kind).toBe('batch');
  });

  it('sees a tail in which an event was altered', () => {
    const received = { cursor: 'a', page: pageFingerprint([event(1)]) };
    expect(judge(received, [event(1, '2026-11-22T09:00:01Z')], null).kind).toBe('batch');
  });

  it('waits at the head of the stream, where a page is not full and new', () => {
    expect(judge(nothingReceived, [event(1, '2026-11-22T09:59:58Z')], 'a').more).toBe(false);
    expect(judge(nothingReceived, [event(1, '2026-11-22T09:59:58Z')], 'a', { limit: 1 }).more).toBe(true);
    expect(judge(nothingReceived, [event(1, '2026-11-22T09:59:00Z')], 'a').more).toBe(true);
  });

  it('goes by what the source tells of its head, and of how far it is read', () => {
    const old = [event(1)];
    const at = Date.parse('2026-11-22T09:30:00Z');
    const read = (texts: string[], atHead: boolean) =>
      judge(nothingReceived, texts, 'a', {}, { reachedAt: at, atHead });
    expect(read(old, true)).toMatchObject({ kind: 'batch', at, more: false });
    expect(read([event(1, now.toISOString())], false)).toMatchObject({ kind: 'batch', at, more: true });
    expect(read([], true)).toMatchObject({ kind: 'moved', at, more: false });
    expect(read([], false)).toMatchObject({ kind: 'moved', at, more: true });
  });

  it('does not hurry after a cursor that stands still', () => {
    expect(judge({ cursor: 'a', page: 'x' }, [event(1), event(2)], 'a')).toMatchObject({
      kind: 'batch',
      more: false,
    });
  });

  it('accepts a moved cursor without events', () => {
    expect(judge({ cursor: 'a', page: 'x' }, [], 'b')).toMatchObject({
      kind: 'moved',
      after: 'b',
      more: true,
    });
    expect(judge({ cursor: 'a', page: 'x' }, [], 'a')).toEqual({ kind: 'nothing', more: false });
  });

  it('drops an expired cursor with the first events, and keeps it as long as there are none', () => {
    const received = { cursor: 'old', page: 'x' };
    expect(judge(received, [event(1)], null, { expired: true })).toMatchObject({
      kind: 'batch',
      after: null,
    });
    expect(judge(received, [], null, { expired: true })).toEqual({ kind: 'nothing', more: false });
    expect(judge(received, [], 'b', { expired: true })).toMatchObject({ kind: 'moved', after: 'b' });
  });

  it.each(['null', '"text"', '{"date":"never"}', '{"id":"x"}', '{"date":17}'])(
    "takes Genesys' clock where the last event (%s) has no date",
    (text) => {
      expect(judge(nothingReceived, [text], 'a')).toMatchObject({ at: now.getTime() });
    },
  );
});
