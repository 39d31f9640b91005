import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditSource } from '../../audit-source.ts';
import {
  dayMs,
  KeptStream,
  minuteMs,
  overlapMs,
  SimulatedAudits,
  type SimulatedEvent,
} from './simulated-audits.fixture.ts';

const never = new AbortController().signal;
const start = Date.parse('2026-11-22T10:00:00Z');

function eventsAt(dates: number[], service = 'A', lateMs = 0): SimulatedEvent[] {
  return dates.map((date, nth) => ({
    id: `${service}-${date}-${nth}`,
    service,
    date,
    appearsAt: date + lateMs,
  }));
}

/** `count` of them, evenly in [from, to). */
function spread(count: number, from: number, to: number, service = 'A'): SimulatedEvent[] {
  return eventsAt(
    Array.from({ length: count }, (_, nth) => from + Math.floor(((to - from) * nth) / count)),
    service,
  );
}

const idsOf = (events: readonly SimulatedEvent[]): string[] => events.map(({ id }) => id).sort();

describe('the tail', () => {
  it('begins the replay window ago, and returns each event once', async () => {
    const genesys = new SimulatedAudits(start);
    const within = spread(20, start - dayMs, start - minuteMs);
    genesys.events = [...eventsAt([start - dayMs - minuteMs]), ...within];
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    expect(stream.ids().sort()).toEqual(idsOf(within));
  });

  it('costs one request and no cursor when nothing is new', async () => {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    const source = genesys.realtime();
    await stream.toHead(source, genesys);
    genesys.requests = 0;
    for (let poll = 1; poll <= 10; poll++) {
      genesys.now += 5_000;
      const page = await stream.ask(source);
      expect(page).toMatchObject({ nextCursor: null, atHead: true });
      expect(genesys.requests).toBe(poll);
    }
    genesys.now += 15_000;
    expect((await stream.ask(source)).nextCursor).not.toBeNull();
  });

  it('tells how far it is read', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(4, start - 10 * minuteMs, start - 5 * minuteMs);
    const stream = new KeptStream();
    const source = genesys.realtime();
    const first = await stream.ask(source);
    expect(first).toMatchObject({ atHead: false, reachedAt: genesys.events[2]?.date });
    stream.accept(first);
    expect(await stream.ask(source)).toMatchObject({ atHead: true, reachedAt: start - 3_000 });
  });

  it('catches an event that appears late with a sweep, and returns nothing else again', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(10, start, start + 50 * minuteMs);
    const late = eventsAt([start + minuteMs], 'B', 40 * minuteMs);
    genesys.events.push(...late);
    const stream = new KeptStream();
    const source = genesys.realtime();
    for (let minute = 0; minute < 60; minute++) {
      await stream.toHead(source, genesys);
      genesys.now += minuteMs;
    }
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
    expect(genesys.facts.some(({ kind }) => kind === 'repeats')).toBe(true);
  });

  it('returns again what the page that held it was not accepted for', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(2, start - 20 * minuteMs, start - 10 * minuteMs);
    const stream = new KeptStream();
    const source = genesys.realtime();
    const dropped = await stream.ask(source);
    expect(dropped.eventCount).toBe(2);
    await stream.toHead(source, genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
  });

  it('returns again what it was asked for ahead, and gave while it was asked anew', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(5, start - 20 * minuteMs, start - 10 * minuteMs);
    const stream = new KeptStream();
    const source = genesys.realtime();
    const first = await stream.ask(source);
    const [, anew] = await Promise.all([source.nextPage(first.nextCursor, never), stream.ask(source)]);
    stream.accept(anew);
    await stream.toHead(source, genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
  });

  it('passes an event on whose text has changed', async () => {
    const genesys = new SimulatedAudits(start);
    const [event] = eventsAt([start - minuteMs]) as [SimulatedEvent];
    genesys.events = [event];
    const stream = new KeptStream();
    const source = genesys.realtime();
    await stream.toHead(source, genesys);
    event.service = 'B';
    genesys.now += 20 * minuteMs;
    await stream.toHead(source, genesys);
    expect(stream.ids()).toEqual([event.id, event.id]);
  });

  it('reads a window of many events in parts', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(300, start - dayMs, start - minuteMs);
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
  });

  it('reads a window that is too much for Genesys in parts', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(30, start - dayMs, start - minuteMs);
    genesys.slowFromMs = 2 * 60 * minuteMs;
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    expect(stream.ids().sort()).toEqual(idsOf(genesys.events));
  });

  it('lets new events go before a sweep of many', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(39, start - 40 * minuteMs, start - minuteMs);
    const stream = new KeptStream();
    const source = genesys.realtime();
    await stream.toHead(source, genesys);
    genesys.now += 16 * minuteMs;
    await stream.toHead(source, genesys);
    // Another process: it knows of no repeats, so that each page of the sweep is returned.
    const other = genesys.realtime();
    genesys.now += 16 * minuteMs;
    stream.accept(await stream.ask(other));
    const fresh = eventsAt([genesys.now]);
    genesys.events.push(...fresh);
    genesys.now += 10_000;
    const next = await stream.ask(other);
    stream.accept(next);
    expect(stream.accepted.at(-1)?.ids).toEqual(idsOf(fresh));
    expect(next.atHead).toBe(false);
  });
});

describe('an outage', () => {
  it.each([1, 5, 13])('of %d days is caught up by realtime queries', async (days) => {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    genesys.events = spread(50, start - minuteMs, start + days * dayMs - minuteMs);
    genesys.now = start + days * dayMs;
    await stream.toHead(genesys.realtime(), genesys);
    expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
    expect(genesys.submitted).toEqual([]);
  });

  it.each([14, 20, 100])('of %d days is caught up through the history, and says so', async (days) => {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    genesys.events = spread(200, start - minuteMs, start + days * dayMs - minuteMs);
    genesys.now = start + days * dayMs;
    await stream.toHead(genesys.realtime(), genesys);
    expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
    const switches = genesys.facts.filter(({ kind }) => kind === 'switched-to-history');
    expect(switches).toHaveLength(genesys.submitted.length);
    expect(switches.length).toBe(Math.ceil((days - 12.5) / 30));
  });

  it('in the middle of a pass is caught up too', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.events = spread(30, start - dayMs, start + 20 * dayMs);
    const stream = new KeptStream();
    stream.accept(await stream.ask(genesys.realtime()));
    genesys.now = start + 20 * dayMs;
    await stream.toHead(genesys.realtime(), genesys);
    expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
  });

  it('ends where the history query is refused as long as another one runs', async () => {
    const genesys = new SimulatedAudits(start);
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    genesys.events = spread(10, start, start + 20 * dayMs - minuteMs);
    genesys.now = start + 20 * dayMs;
    genesys.busy = true;
    const source = genesys.realtime();
    stream.accept(await stream.ask(source));
    for (let poll = 0; poll < 20; poll++) {
      expect(await stream.ask(source)).toMatchObject({ nextCursor: null, atHead: false });
      genesys.now += 5_000;
    }
    genesys.busy = false;
    await stream.toHead(source, genesys);
    expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
  });
});

describe('where each query must name a service', () => {
  it('every service is read, and one that comes anew from its first event on', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.wantsService = true;
    genesys.events = [...spread(7, start - dayMs, start, 'A'), ...spread(7, start - dayMs, start, 'B')];
    const stream = new KeptStream();
    const source = genesys.realtime();
    await stream.toHead(source, genesys);
    genesys.events.push(...spread(5, start, start + 30 * minuteMs, 'N'));
    genesys.now += 5 * minuteMs;
    await stream.toHead(source, genesys);
    genesys.covered.push('N');
    for (let minute = 0; minute < 90; minute += 5) {
      genesys.now += 5 * minuteMs;
      await stream.toHead(source, genesys);
    }
    expect(new Set(stream.ids())).toEqual(new Set(idsOf(genesys.events)));
  });

  it('passes over services with nothing new take half of the allowance', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.wantsService = true;
    genesys.covered = Array.from({ length: 50 }, (_, nth) => `S${nth}`);
    const stream = new KeptStream();
    const source = genesys.realtime({ requestsPerSecond: 5 });
    await stream.toHead(source, genesys);
    genesys.requests = 0;
    for (let second = 0; second < 600; second += 5) {
      genesys.now += 5_000;
      await stream.toHead(source, genesys);
    }
    expect(genesys.requests).toBeLessThan(600 * 2.5 * 1.2);
    expect(genesys.requests).toBeGreaterThan(600);
  });

  it('a mere 400 is told, and the query without a service is what is tried next', async () => {
    const genesys = new SimulatedAudits(start);
    genesys.wantsService = true;
    genesys.covered = [];
    const stream = new KeptStream();
    await stream.toHead(genesys.realtime(), genesys);
    expect(stream.ids()).toEqual([]);
  });
});

it('a cursor that another source wrote is no cursor', async () => {
  const genesys = new SimulatedAudits(start);
  for (const cursor of ['c-17', '{"v":1,"kind":"history"}', '{"v":2}']) {
    const source: AuditSource = genesys.realtime();
    await expect(source.nextPage(cursor, never)).rejects.toMatchObject({
      code: 'GENESYS_CURSOR_EXPIRED',
    });
  }
});

/** What may happen between two pages. */
const happening = fc.oneof(
  { weight: 30, arbitrary: fc.constant({ kind: 'poll' } as const) },
  {
    weight: 30,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 1_000, max: 9 * minuteMs }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('outage' as const),
      ms: fc.integer({ min: dayMs / 2, max: 40 * dayMs }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('drop' as const), pages: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'crash' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'other' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rewind' as const), pages: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'failed' } as const, { kind: 'lost' } as const) },
);

const timing = fc.record({
  /** Before the stream begins, or while it runs. */
  atMs: fc.integer({ min: -60 * minuteMs, max: 120 * minuteMs }),
  lateMs: fc.oneof(fc.constant(0), fc.constant(overlapMs), fc.integer({ min: 0, max: overlapMs })),
  service: fc.constantFrom('A', 'B'),
});

describe('whatever crash, rewind or other holder comes between', () => {
  it('every event that appears within the overlap is accepted at least once', async () => {
    const run = fc.record({
      timings: fc.array(timing, { maxLength: 60 }),
      happenings: fc.array(happening, { maxLength: 100 }),
      wantsService: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ timings, happenings, wantsService }) => {
        const genesys = new SimulatedAudits(start);
        genesys.wantsService = wantsService;
        genesys.events = timings.map(({ atMs, lateMs, service }, nth) => ({
          id: `e${nth}`,
          service,
          date: start + atMs,
          appearsAt: start + atMs + lateMs,
        }));
        const stream = new KeptStream();
        let [source, standby] = [genesys.realtime(), genesys.realtime()];
        stream.accept(await stream.ask(source));
        for (const happens of happenings) {
          switch (happens.kind) {
            case 'wait':
            case 'outage':
              genesys.now += happens.ms;
              break;
            case 'drop': {
              // Pages that were asked for ahead, and not accepted in the end.
              const kept = stream.cursor;
              for (let page = 0; page < happens.pages; page++) {
                const { nextCursor } = await stream.ask(source);
                stream.cursor = nextCursor ?? stream.cursor;
              }
              stream.cursor = kept;
              break;
            }
            case 'crash':
              source = genesys.realtime();
              break;
            case 'other':
              [source, standby] = [standby, source];
              break;
            case 'rewind':
              stream.rewind(happens.pages);
              break;
            case 'failed':
            case 'lost':
              genesys.ends.push(happens.kind);
              break;
            default:
              stream.accept(await stream.ask(source));
          }
        }
        const over = start + 120 * minuteMs + overlapMs;
        if (genesys.now < over) genesys.now = over;
        // A sweep that begins an overlap after the last date, and what it needs to come to an end.
        for (let looks = 0; looks < 12; looks++) {
          await stream.toHead(source, genesys);
          genesys.now += overlapMs / 3;
        }
        const accepted = new Set(stream.ids());
        const missing = genesys.events.filter(({ id }) => !accepted.has(id));
        expect(missing).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
