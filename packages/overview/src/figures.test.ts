import { expect, test } from 'vitest';
import { bytes, dollars } from './figures.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1 KB'],
  [999_949, '999.9 KB'],
  [999_950, '1 MB'],
  [27_312_660, '27.3 MB'],
  [1_200_000_000, '1.2 GB'],
  [3.4e15, '3.4 PB'],
])('%d bytes are %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

test('what costs something never looks free', () => {
  expect([0, 0.004, 0.01, 12.5].map(dollars)).toEqual(['$0.00', 'under $0.01', '$0.01', '$12.50']);
});
