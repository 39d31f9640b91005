import { expect, test } from 'vitest';
import { measureIds, parseOptions } from './options.ts';

test('without arguments every measure runs at full size', () => {
  expect(parseOptions([])).toEqual({
    only: measureIds,
    rounds: 5,
    events: 100_000,
    seconds: 60,
    sizes: [200_000_000],
    out: null,
    profile: null,
    settings: {},
  });
});

test('what is asked for wins over --quick', () => {
  const options = parseOptions(['--quick', '--events', '2000', '--only', 'P1,p9']);
  expect(options).toMatchObject({ only: ['P1', 'P9'], rounds: 1, events: 2_000 });
});

test('settings are taken by name, whatever their values hold', () => {
  const { settings } = parseOptions(['--set', 'A=1', '--set', 'NODE_OPTIONS=--x=2 --y']);
  expect(settings).toEqual({ A: '1', NODE_OPTIONS: '--x=2 --y' });
});

test('sizes are powers of ten, as in MB/s', () => {
  expect(parseOptions(['--size', '200M,1.5g,4096']).sizes).toEqual([200_000_000, 1_500_000_000, 4_096]);
});

test.each([
  [['--only', 'P5']],
  [['--size', '2T']],
  [['--rounds', '0']],
  [['--events', '1e5']],
  [['--quik']],
  [['--set', 'A']],
])('%j is refused', (args) => {
  expect(() => parseOptions(args)).toThrow();
});
