import { expect, it } from 'vitest';
import { SourceClock } from './source-clock.ts';

const hourMs = 3_600_000;

function clockAt(ours: number) {
  const clock = new SourceClock(() => ours);
  return { clock, hears: (offsetMs: number) => clock.heard(new Date(ours + offsetMs)) };
}

it("is Genesys' clock, once told where it is near ours and twice where it is not", () => {
  const near = clockAt(0);
  expect(near.clock.isKnown).toBe(false);
  near.hears(2_000);
  expect(near.clock.isKnown).toBe(true);
  expect(near.clock.now()).toBe(2_000);
  const far = clockAt(0);
  far.hears(hourMs);
  expect(far.clock.isKnown).toBe(false);
  far.hears(hourMs + 1_000);
  expect(far.clock.isKnown).toBe(true);
  expect(far.clock.now()).toBe(hourMs + 1_000);
});

it('takes no notice of a single reply with another date', () => {
  const { clock, hears } = clockAt(0);
  hears(0);
  hears(24 * hourMs);
  expect(clock.now()).toBe(0);
  hears(-24 * hourMs);
  hears(24 * hourMs);
  hears(1_000);
  expect(clock.now()).toBe(1_000);
});

it('is ours where Genesys tells none', () => {
  const { clock } = clockAt(17);
  clock.heard(null);
  expect(clock.isKnown).toBe(true);
  expect(clock.now()).toBe(17);
});
