import { expect, test } from 'vitest';
import { measureIds, parseOptions } from './options.ts';

test('without arguments every measure runs at full size', () => {
  expect(parseOptions([])).toEqual({
    only: measureIds,
    rounds: 5,
    events: 100_000,
    seconds: 60,
    out: null,
    profile: null,
  });
});

test('what is asked for wins over --quick', () => {
  const options = parseOptions(['--quick', '--events', '2000', '--only', 'P1,p9']);
  expect(options).toMatchObject({ only: ['P1', 'P9'], rounds: 1, events: 2_000 });
});

test.each([[['--only', 'P5']], [['--rounds', '0']], [['--events', '1e5']], [['--quik']]])(
  '%j is refused',
  (args) => {
    expect(() => parseOptions(args)).toThrow();
  },
);
