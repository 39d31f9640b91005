import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, Schedule } from './schedule.ts';

const NOW = 1_000_000_000;
const begin = (rate: number, backlog = 0, boundOrdinal: number | null = null) =>
  Schedule.begin({ backlog, backlogMs: 3_600_000, nowMs: NOW, rate, boundOrdinal });

describe('a schedule', () => {
  it('spreads the backlog over the time before the start', () => {
    const schedule = begin(0, 4);
    expect(schedule.head(NOW)).toBe(4);
    expect([0, 1, 2, 3].map((n) => schedule.entry(n).dateMs - NOW)).toEqual([
      -2_700_000, -1_800_000, -900_000, 0,
    ]);
  });

  it('lets events appear with time, each when its date has come', () => {
    const schedule = begin(4);
    expect(schedule.head(NOW + 249)).toBe(0);
    expect(schedule.head(NOW + 250)).toBe(1);
    expect(schedule.entry(0).dateMs).toBe(NOW + 250);
    expect(schedule.head(NOW + 10_000)).toBe(40);
  });

  it('ends at its bound, and goes on from there when the bound is lifted', () => {
    const schedule = begin(10, 0, 5);
    expect(schedule.complete(NOW + 400)).toBe(false);
    expect(schedule.head(NOW + 60_000)).toBe(5);
    expect(schedule.complete(NOW + 60_000)).toBe(true);
    schedule.setBound(null, NOW + 60_000);
    expect(schedule.head(NOW + 60_000)).toBe(5);
    expect(schedule.head(NOW + 61_000)).toBe(15);
  });

  it('lets no events appear for time that the clock skipped', () => {
    const schedule = begin(10);
    expect(schedule.head(NOW + 1000)).toBe(10);
    schedule.clockJumped(NOW + 1000, NOW + 90_000_000);
    expect(schedule.head(NOW + 90_000_000)).toBe(10);
    expect(schedule.head(NOW + 90_000_100)).toBe(11);
    expect(schedule.entry(10).dateMs).toBe(NOW + 90_000_100);
  });

  it('finds where a window begins', () => {
    const schedule = begin(1, 60);
    const head = schedule.head(NOW + 60_000);
    expect(head).toBe(120);
    expect(schedule.firstSince(NOW + 30_000, head)).toBe(89);
    expect(schedule.firstSince(0, head)).toBe(0);
    expect(schedule.firstSince(NOW + 60_001, head)).toBe(head);
  });

  it('keeps its promises whatever is done to it', () => {
    const operation = fc.oneof(
      fc.record({ do: fc.constant('pass' as const), ms: fc.nat({ max: 20_000 }) }),
      fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -50_000, max: 50_000 }) }),
      fc.record({ do: fc.constant('rate' as const), rate: fc.constantFrom(0, 0.3, 1, 7, 50) }),
      fc.record({ do: fc.constant('bound' as const), bound: fc.option(fc.nat({ max: 300 })) }),
      fc.record({ do: fc.constant('add' as const), count: fc.integer({ min: 1, max: 20 }) }),
      fc.record({ do: fc.constant('odd' as const) }),
      fc.record({ do: fc.constant('restart' as const) }),
    );
    fc.assert(
      fc.property(fc.constantFrom(0, 3), fc.array(operation, { maxLength: 30 }), (backlog, operations) => {
        let schedule = begin(5, backlog);
        let now = NOW;
        const known: Entry[] = [];
        let lastHead = 0;
        for (const step of operations) {
          if (step.do === 'pass') now += step.ms;
          else if (step.do === 'jump') {
            schedule.clockJumped(now, now + step.ms);
            now += step.ms;
          } else if (step.do === 'rate') schedule.setRate(step.rate, now);
          else if (step.do === 'bound') schedule.setBound(step.bound, now);
          else if (step.do === 'add') schedule.add(step.count, now);
          else if (step.do === 'odd')
            expect(schedule.insert({ kind: 'poison' }, now)).toBe(schedule.head(now) - 1);
          else schedule = new Schedule(JSON.parse(JSON.stringify(schedule.saved())));
          const head = schedule.head(now);
          expect(head).toBeGreaterThanOrEqual(lastHead);
          lastHead = head;
          for (let n = 0; n < head; n++) {
            const entry = schedule.entry(n);
            if (n < known.length) expect(entry).toEqual(known[n]);
            else known.push(entry);
          }
          expect(known.map(({ dateMs }) => dateMs)).toEqual(
            known.map(({ dateMs }) => dateMs).sort((a, b) => a - b),
          );
          const ordinals = known.flatMap((entry) => (entry.kind === 'regular' ? [entry.ordinal] : []));
          expect(ordinals).toEqual(ordinals.map((_, index) => index));
          const { regularOrdinal, odd } = schedule.countUpTo(head);
          expect([regularOrdinal, odd.length]).toEqual([ordinals.length, head - ordinals.length]);
        }
      }),
      { numRuns: 200 },
    );
  });
});
