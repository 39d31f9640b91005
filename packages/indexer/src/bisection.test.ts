import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Trial, trialAfterDeath, trialAfterSuccess } from './bisection.ts';

/** Plays a batch through process after process; `kills` says which events end one. */
function play(
  count: number,
  kills: ReadonlySet<number>,
): { found: number[]; tried: Set<number>; deaths: number } {
  const found: number[] = [];
  const tried = new Set<number>();
  let died: Trial | null = null;
  for (let deaths = 0; ; deaths++) {
    if (deaths > 10_000) throw new Error('no end');
    const next = trialAfterDeath(died, count);
    let trial: Trial | null = next.kind === 'try' ? next.trial : next.next;
    if (next.kind === 'kills') found.push(next.place);
    died = null;
    while (trial !== null && died === null) {
      const places = Array.from({ length: trial.width }, (_, n) => (trial as Trial).from + n);
      if (places.some((place) => kills.has(place))) died = trial;
      else {
        for (const place of places) tried.add(place);
        trial = trialAfterSuccess(trial, count);
      }
    }
    if (died === null) return { found, tried, deaths };
  }
}

test('finds exactly the events that kill, and gets all others through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 4 }),
      (count, places) => {
        const kills = new Set(places.filter((place) => place < count));
        const { found, tried } = play(count, kills);
        expect(found).toEqual([...kills].sort((a, b) => a - b));
        expect(tried.size).toBe(count - kills.size);
      },
    ),
  );
});

test('needs few deaths for one event among a hundred', () => {
  for (let place = 0; place < 100; place++) expect(play(100, new Set([place])).deaths).toBeLessThanOrEqual(9);
});

test('does not blame an event for one death: it has to kill twice alone', () => {
  const alone = { from: 7, width: 1, deaths: 0 };
  expect(trialAfterDeath(alone, 10)).toEqual({ kind: 'try', trial: { ...alone, deaths: 1 } });
  expect(trialAfterDeath({ ...alone, deaths: 1 }, 10)).toEqual({
    kind: 'kills',
    place: 7,
    next: { from: 8, width: 1, deaths: 0 },
  });
});
