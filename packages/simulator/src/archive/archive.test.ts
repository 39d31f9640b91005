import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { archiveOf, DAY_BEFORE } from '../testing/still-archive.ts';
import type { Archive } from './archive.ts';
import { slotsOf } from './archive-ledger.ts';
import type { Layout } from './archive-settings.ts';
import type { Window } from './roster.ts';

const HOUR = 3_600_000;
const idsOf = (archive: Archive, window: Omit<Window, 'media'>, media: Window['media'] = null) =>
  Array.from(slotsOf(archive, { ...window, media }), (slot) => archive.writer.idOf(slot));
const pageOf = async (archive: Archive, layout: Layout = 'compact') => {
  const found = archive.page({ window: { ...DAY_BEFORE, media: null }, page: 0, cut: { pages: 1 }, layout });
  if (found === null) throw new Error('no page');
  const body = await archive.body(found, layout);
  return { body, whole: Buffer.concat([...body.from(0)]) };
};

describe('an archive', () => {
  it('has the same conversations in a day as in its hours, each once', () => {
    const archive = archiveOf({ dailyOdd: ['huge', 'id-member'] });
    const day = idsOf(archive, DAY_BEFORE);
    const hours = Array.from({ length: 24 }, (_, hour) => {
      const fromMs = DAY_BEFORE.fromMs + hour * HOUR;
      return idsOf(archive, { fromMs, toMs: fromMs + HOUR });
    });
    expect(hours.flat()).toEqual(day);
    expect(new Set(day).size).toBe(42);
    expect(hours.every((ids) => ids.length < 10)).toBe(true);
  });

  it('lists conversations by start, all of them within the window', () => {
    const window = {
      fromMs: DAY_BEFORE.fromMs + 1_234_567,
      toMs: DAY_BEFORE.fromMs + 7 * 86_000_000,
      media: null,
    };
    const starts = Array.from(
      slotsOf(archiveOf(), { ...window, toMs: window.fromMs + 86_000_000 }),
      (s) => s.startMs,
    );
    expect(starts.length).toBeGreaterThan(30);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(starts.every((start) => start >= window.fromMs && start < window.fromMs + 86_000_000)).toBe(true);
  });

  it('gives each conversation to one media type', () => {
    const archive = archiveOf({ volume: { conversations: 300, bytes: null } });
    const types = ['voice', 'chat', 'email', 'message', 'callback'] as const;
    const parts = types.map((type) => idsOf(archive, DAY_BEFORE, [type]));
    expect(parts.every((ids) => ids.length > 0)).toBe(true);
    expect(parts.flat().toSorted()).toEqual(idsOf(archive, DAY_BEFORE).toSorted());
  });

  it('holds no conversation that has not begun', () => {
    const archive = archiveOf();
    const ahead = { fromMs: DAY_BEFORE.toMs, toMs: DAY_BEFORE.toMs + 24 * HOUR };
    const soFar = idsOf(archive, ahead);
    expect(soFar.length).toBeGreaterThan(20);
    expect(soFar.length).toBeLessThan(28);
    expect(idsOf(archive, { fromMs: ahead.toMs, toMs: ahead.toMs + HOUR })).toEqual([]);
  });

  it('finds every conversation by its id, and none by another', () => {
    const archive = archiveOf({ dailyOdd: ['id-member', 'without-id'] });
    for (const slot of slotsOf(archive, { ...DAY_BEFORE, media: null })) {
      const id = archive.writer.idOf(slot);
      if (id !== null) expect(archive.find(id)).toMatchObject({ day: slot.day, index: slot.index });
    }
    expect(archive.find('4216712d-3a28-431a-951d-1f5d6f281f78')).toBeNull();
    expect(archive.find('no id')).toBeNull();
    const other = idsOf(archiveOf({}, 'other'), DAY_BEFORE)[0] as string;
    expect(archive.find(other)).toBeNull();
  });

  it('gives the same bytes for the same seed, others for another', async () => {
    const one = await pageOf(archiveOf());
    expect((await pageOf(archiveOf())).whole.equals(one.whole)).toBe(true);
    expect((await pageOf(archiveOf({}, 'other'))).body.sha256).not.toBe(one.body.sha256);
  });

  it.each(['compact', 'lines', 'pretty'] as const)(
    'states length and digest of its %s body',
    async (layout) => {
      const { body, whole } = await pageOf(
        archiveOf({ dailyOdd: ['not-object', 'deep', 'odd-transcripts'] }),
        layout,
      );
      expect(body.length).toBe(whole.length);
      expect(body.sha256).toBe(createHash('sha256').update(whole).digest('hex'));
      const compact = await pageOf(archiveOf({ dailyOdd: ['not-object', 'deep', 'odd-transcripts'] }));
      expect(JSON.parse(whole.toString())).toEqual(JSON.parse(compact.whole.toString()));
      expect(whole.toString().replace(/\s/g, '')).toBe(compact.whole.toString().replace(/\s/g, ''));
    },
  );

  it('reads the same from any offset on', async () => {
    // Several megabytes, so that there are several places where generating can start.
    const archive = archiveOf({ volume: { conversations: 150, bytes: 4_000_000 } });
    const { body, whole } = await pageOf(archive);
    expect(whole.length).toBeGreaterThan(3_500_000);
    const offsets = [0, 1, 262_143, 262_144, 1_000_000, whole.length - 1, whole.length];
    for (let n = 0; n < 60; n++) offsets.push(Math.floor((n / 60) * whole.length) + n);
    for (const offset of offsets) {
      const rest = Buffer.concat([...body.from(offset)]);
      expect(rest.equals(whole.subarray(offset)), `from ${offset}`).toBe(true);
    }
  });

  it.each([
    [1, 1024],
    [1, 300_000],
    [50, 1_000_000],
  ])('of %i conversations a day comes near %i bytes', async (conversations, bytes) => {
    const { whole } = await pageOf(archiveOf({ volume: { conversations, bytes } }));
    expect(JSON.parse(whole.toString())).toHaveLength(conversations);
    expect(Math.abs(whole.length - bytes)).toBeLessThan(bytes * 0.15 + 300);
  });

  it('is an empty list where a day has nothing', async () => {
    expect((await pageOf(archiveOf({ volume: { conversations: 0, bytes: null } }))).whole.toString()).toBe(
      '[]',
    );
  });

  it('cuts pages that together are the window, by number and by size', () => {
    const archive = archiveOf();
    const window = { ...DAY_BEFORE, media: null };
    for (const cut of [{ pages: 7 }, { size: 9 }, { pages: 1000 }]) {
      const first = archive.page({ window, page: 0, cut, layout: 'compact' });
      const edges = Array.from({ length: first?.pages ?? 0 }, (_, page) => {
        const found = archive.page({ window, page, cut, layout: 'compact' });
        return [found?.first, found?.end];
      });
      expect(edges[0]?.[0]).toBe(0);
      expect(edges.at(-1)?.[1]).toBe(40);
      for (let n = 1; n < edges.length; n++) expect(edges[n]?.[0]).toBe(edges[n - 1]?.[1]);
      expect(archive.page({ window, page: edges.length, cut, layout: 'compact' })).toBeNull();
    }
  });

  it('holds numbers that doubles would change', async () => {
    const text = (await pageOf(archiveOf())).whole.toString();
    for (const number of [
      /"sequence":\d{19},/,
      /"mediaStatsMinConversationMos":4\.\d{21},/,
      /"cost":1\.\d\d0e\+2,/,
      /-0\.0,/,
      /:5E-3\d\d,/,
    ]) {
      expect(text).toMatch(number);
    }
    expect(text).toMatch(/\\u[0-9a-f]{4}/);
    expect(text).toContain('👍');
  });

  it('has one odd conversation of each kind a day where that is asked for', async () => {
    const kinds = ['not-object', 'id-member', 'without-id', 'odd-transcripts', 'deep', 'huge'] as const;
    const { whole } = await pageOf(
      archiveOf({ dailyOdd: [...kinds], volume: { conversations: 2, bytes: null } }),
    );
    const items = JSON.parse(whole.toString()) as unknown[];
    expect(items).toHaveLength(8);
    const objects = items.filter((item) => item !== 42) as Record<string, unknown>[];
    expect(objects).toHaveLength(7);
    expect(objects.filter((item) => 'id' in item && !('conversationId' in item))).toHaveLength(1);
    expect(objects.filter((item) => !('id' in item) && !('conversationId' in item))).toHaveLength(1);
    expect(objects.filter((item) => !Array.isArray(item['transcripts']))).toHaveLength(1);
    expect(objects.filter((item) => 'deep' in item)).toHaveLength(1);
    expect(whole.length).toBeGreaterThan(20_000_000);
  });

  it('keeps ids and changes texts when it is rewritten', async () => {
    const before = await pageOf(archiveOf());
    const archive = archiveOf({
      rewrites: [{ fromMs: DAY_BEFORE.fromMs, toMs: DAY_BEFORE.fromMs + 12 * HOUR }],
    });
    expect(idsOf(archive, DAY_BEFORE)).toEqual(idsOf(archiveOf(), DAY_BEFORE));
    const [old, now] = [before, await pageOf(archive)].map(
      ({ whole }) => JSON.parse(whole.toString()) as { conversationStart: string }[],
    ) as [{ conversationStart: string }[], { conversationStart: string }[]];
    for (const [index, item] of now.entries()) {
      const isRewritten = Date.parse(item.conversationStart) < DAY_BEFORE.fromMs + 12 * HOUR;
      if (isRewritten) expect(item).not.toEqual(old[index]);
      else expect(item).toEqual(old[index]);
    }
  });
});
