import { expect, it } from 'vitest';
import { wantedBytes } from './byte-range.ts';

it.each([
  ['bytes=0-', { kind: 'part', first: 0, end: 10 }],
  ['bytes=3-', { kind: 'part', first: 3, end: 10 }],
  ['bytes=3-5', { kind: 'part', first: 3, end: 6 }],
  ['bytes=3-50', { kind: 'part', first: 3, end: 10 }],
  ['bytes=-4', { kind: 'part', first: 6, end: 10 }],
  ['bytes=-40', { kind: 'part', first: 0, end: 10 }],
  ['bytes=10-', { kind: 'unsatisfiable' }],
  ['bytes=-0', { kind: 'unsatisfiable' }],
  ['bytes=5-3', { kind: 'whole' }],
  ['bytes=0-1,3-4', { kind: 'whole' }],
  ['items=0-', { kind: 'whole' }],
  ['bytes=-', { kind: 'whole' }],
  [undefined, { kind: 'whole' }],
] as const)('reads the range %s of ten bytes', (range, wanted) => {
  expect(wantedBytes(range, 10)).toEqual(wanted);
});
