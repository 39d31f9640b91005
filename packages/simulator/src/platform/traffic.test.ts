import { expect, it } from 'vitest';
import { Traffic } from './traffic.ts';

it('tells the largest number of requests within any 60 seconds, for each client', () => {
  const traffic = new Traffic();
  for (const second of [0, 59, 59.999, 60, 61, 118, 300]) traffic.arrived('one', second * 1000);
  traffic.arrived('other', 60_000);
  expect(traffic.byClient()).toEqual({
    // From 59 to 118: the request at 0 is a minute away from the one at 60.
    one: { requests: 7, mostInAMinute: 5 },
    other: { requests: 1, mostInAMinute: 1 },
  });
});
