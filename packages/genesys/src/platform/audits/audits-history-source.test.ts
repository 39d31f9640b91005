import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryPlan } from './audits-history-source.ts';
import {
  dayMs,
  KeptStream,
  minuteMs,
  SimulatedAudits,
  type SimulatedEvent,
} from './simulated-audits.fixture.ts';

const never = new AbortController().signal;
const start = Date.parse('2026-11-22T10:00:00Z');
const hourMs = 60 * minuteMs;

function spread(count: number, from: number, to: number, service = 'A'): SimulatedEvent[] {
  return Array.from({ length: count }, (_, nth) => {
    const date = from + Math.floor(((to - from) * nth) / count);
    return { id: `${service}-${date}-${nth}`, service, date, appearsAt: date };
  });
}

const idsOf = (events: readonly SimulatedEvent[]): string[] => events.map(({ id }) => id).sort();
const yearAgo = start - 364 * dayMs;
const year: HistoryPlan = { kind: 'range', from: yearAgo, to: start };

/** A stream over a year with events of two services. */
function ofAYear(): { genesys: SimulatedAudits; stream: KeptStream } {
  const genesys = new SimulatedAudits(start);
  genesys.events = [...spread(90, yearAgo, start, 'A'), ...spread(40, yearAgo, start, 'C')];
  return { genesys, stream: new KeptStream() };
}

describe('a range', () => {
  it('is read in windows of thirty days, each event once, and then it is done', async () => {
    const { genesys, stream } = ofAYear();
    const source = genesys.history(year);
    expect(source.reach.firstStartMs).toBeNull();
    await stream.toHead(source, genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
    expect(genesys.submitted).toHaveLength(13);
    expect(await stream.ask(source)).toMatchObject({ nextCursor: null, atHead: true, reachedAt: start });
  });

  it('tells how far it is', async () => {
    const { genesys, stream } = ofAYear();
    const source = genesys.history(year);
    const reached: (number | null)[] = [];
    for (let page = await stream.ask(source); !page.atHead; page = await stream.ask(source)) {
      stream.accept(page);
      reached.push(page.reachedAt);
      genesys.now += 1_000;
    }
    expect(reached).toEqual([...reached].sort((a, b) => Number(a) - Number(b)));
    expect(new Set(reached).size).toBeGreaterThanOrEqual(13);
  });

  it('goes on in another process with the query that was submitted', async () => {
    const { genesys, stream } = ofAYear();
    for (let page = 0; page < 10; page++) {
      stream.accept(await stream.ask(genesys.history(year)));
      genesys.now += 5_000;
    }
    await stream.toHead(genesys.history(year), genesys);
    expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
    expect(genesys.submitted).toHaveLength(13);
  });

  it('reads results that are downloads, and halves windows whose download is too large', async () => {
    const { genesys, stream } = ofAYear();
    genesys.downloads = true;
    genesys.tooLarge = 6;
    await stream.toHead(genesys.history(year), genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
    expect(genesys.outcomes()).toContain('too-large');
  });

  it('gives a part of a result that it does not have at hand wholly again', async () => {
    const { genesys, stream } = ofAYear();
    genesys.resultPage = 100;
    const first = genesys.history(year);
    while (stream.ids().length === 0) {
      stream.accept(await stream.ask(first));
      genesys.now += 5_000;
    }
    for (const event of genesys.events) event.id = event.id.split('').reverse().join('');
    await stream.toHead(genesys.history(year), genesys);
    expect(idsOf(genesys.events).every((id) => stream.ids().includes(id))).toBe(true);
  });
});

describe('services that realtime queries do not cover', () => {
  const hourly: HistoryPlan = { kind: 'uncovered-services', everyMs: hourMs, firstStartMs: dayMs };

  it('are read on a schedule, and nothing is asked for in between', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = [
      ...spread(20, start - dayMs, start + 3 * hourMs, 'C'),
      ...spread(5, start, start + hourMs, 'A'),
    ];
    const stream = new KeptStream();
    const source = genesys.history(hourly);
    await stream.toHead(source, genesys);
    genesys.requests = 0;
    genesys.now += hourMs / 2;
    expect(await stream.ask(source)).toMatchObject({ nextCursor: null, atHead: true });
    expect(genesys.requests).toBe(0);
    for (let hour = 0; hour < 5; hour++) {
      genesys.now += hourMs;
      await stream.toHead(source, genesys);
    }
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events.filter(({ service }) => service === 'C')));
    expect(genesys.submitted.every(({ service }) => service === 'C')).toBe(true);
  });

  it('are handed over to realtime queries with a last run', async () => {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    const source = genesys.history(hourly);
    await stream.toHead(source, genesys);
    genesys.events = spread(3, start, start + 10 * minuteMs, 'C');
    genesys.covered.push('C');
    for (let hour = 0; hour < 3; hour++) {
      genesys.now += hourMs + minuteMs;
      await stream.toHead(source, genesys);
    }
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
    expect(genesys.submitted).toHaveLength(2);
  });

  it('a standstill of more than a year is told', async () => {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    await stream.toHead(genesys.history(hourly), genesys);
    genesys.now += 366 * dayMs;
    await expect(stream.ask(genesys.history(hourly))).rejects.toMatchObject({
      code: 'GENESYS_CURSOR_EXPIRED',
    });
  });
});

describe('a query', () => {
  it.each(['failed', 'lost'] as const)('that is %s is submitted anew, after a while', async (end) => {
    const { genesys, stream } = ofAYear();
    genesys.ends = [end, end, end];
    await stream.toHead(genesys.history(year), genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
    expect(genesys.outcomes().filter((outcome) => outcome === end)).toHaveLength(3);
  });

  it('that takes long holds up no caller for as long', async () => {
    const { genesys, stream } = ofAYear();
    genesys.looks = 1_000;
    const source = genesys.history(year);
    stream.accept(await stream.ask(source));
    stream.accept(await stream.ask(source));
    const before = genesys.now;
    expect(await stream.ask(source)).toMatchObject({ nextCursor: null, atHead: false });
    expect(genesys.now - before).toBeLessThan(30_000);
  });

  it('whose result gives the cursor that it was asked with is no answer', async () => {
    const { genesys, stream } = ofAYear();
    genesys.resultPage = 0;
    const source = genesys.history(year);
    stream.accept(await stream.ask(source));
    stream.accept(await stream.ask(source));
    stream.accept(await stream.ask(source));
    await expect(source.nextPage(stream.cursor, never)).rejects.toMatchObject({
      code: 'GENESYS_REPLY_UNREADABLE',
    });
  });
});

it('whatever ends of queries, crashes and rewinds come between, a range is read wholly', async () => {
  const happening = fc.constantFrom(
    'page',
    'page',
    'page',
    'page',
    'crash',
    'rewind',
    'failed',
    'lost',
    'drop',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 80 }), fc.boolean(), async (happenings, downloads) => {
      const { genesys, stream } = ofAYear();
      genesys.downloads = downloads;
      let source = genesys.history(year);
      stream.accept(await stream.ask(source));
      for (const happens of happenings) {
        if (happens === 'page') stream.accept(await stream.ask(source));
        else if (happens === 'drop') await stream.ask(source);
        else if (happens === 'crash') source = genesys.history(year);
        else if (happens === 'rewind') stream.rewind(3);
        else genesys.ends.push(happens);
        genesys.now += 5_000;
      }
      await stream.toHead(source, genesys);
      expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
    }),
    { numRuns: 100 },
  );
});
