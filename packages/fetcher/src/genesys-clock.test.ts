import { expect, it } from 'vitest';
import { GenesysClock } from './genesys-clock.ts';

it("follows Genesys' clock, and goes on from it", () => {
  let now = 1_000_000;
  const clock = new GenesysClock(() => now);
  expect(clock.now()).toBe(1_000_000);
  clock.heard(new Date(1_600_000));
  now += 5_000;
  expect(clock.now()).toBe(1_605_000);
  clock.heard(null);
  expect(clock.offsetMs).toBe(600_000);
});
