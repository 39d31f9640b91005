import { expect, it } from 'vitest';
import { spoolFull } from './outlet.ts';

it('says how long until the replay window closes', () => {
  expect(spoolFull(3_600 * 5 + 60 * 7 + 59)).toContain('closes in 5 h 7 min');
  expect(spoolFull(null)).not.toContain('closes');
});
