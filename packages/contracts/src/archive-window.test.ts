import fc from 'fast-check';
import { expect, it } from 'vitest';
import { archiveWindow, archiveWindowAt, archiveWindowsOf } from './archive-window.ts';

const day = 86_400_000;
const noon = Date.parse('2026-11-21T12:34:56.789Z');

it.each([
  [day, ['voice', 'chat'], 'BATCH_20261121', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
  [day, ['voice'], 'BATCH_20261121_voice', '2026-11-21T00:00:00.000Z', '2026-11-22T00:00:00.000Z'],
  [
    day / 24,
    ['chat', 'voice'],
    'BATCH_20261121_1200',
    '2026-11-21T12:00:00.000Z',
    '2026-11-21T13:00:00.000Z',
  ],
  [
    day / 2,
    ['message', 'email', 'email'],
    'BATCH_20261121_1200_email+message',
    '2026-11-21T12:00:00.000Z',
    '2026-11-22T00:00:00.000Z',
  ],
])('a window of %i ms of %j is %s', (length, media, id, from, to) => {
  const window = archiveWindowAt(noon, length, media);
  expect(window).toMatchObject({ id, from, to });
  expect(archiveWindow.parse(window)).toEqual(window);
});

it('every moment of a range lies in exactly one of its windows, and no window lies outside', () => {
  const lengths = fc.constantFrom(day, day / 24, day / 96, 60_000 * 5);
  expect([...archiveWindowsOf(noon, noon, day, ['voice'])]).toEqual([]);
  fc.assert(
    fc.property(lengths, fc.nat(day * 3), fc.nat(day * 3), fc.nat(99), (length, start, span, share) => {
      const from = noon + start;
      const to = from + span;
      const windows = [...archiveWindowsOf(from, to, length, ['voice'])];
      const at = from + Math.floor((span * share) / 100);
      const holding = windows.filter((w) => Date.parse(w.from) <= at && at < Date.parse(w.to));
      expect(holding.length).toBe(span === 0 ? 0 : 1);
      for (const w of windows) expect(Date.parse(w.to) > from && Date.parse(w.from) < to).toBe(true);
      expect(new Set(windows.map(({ id }) => id)).size).toBe(windows.length);
    }),
  );
});

it('a length that does not fit the grid is refused', () => {
  expect(() => archiveWindowAt(noon, 7 * 3_600_000, ['voice'])).toThrow(RangeError);
});
