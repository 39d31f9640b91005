import { expect, test } from 'vitest';
import { readStartOptions } from './start-options.ts';

test('without arguments it runs until it is stopped', () => {
  expect(readStartOptions([])).toEqual({
    contract: 'guide',
    untilDrained: false,
    events: null,
    rate: null,
    indexers: 2,
    fresh: false,
  });
});

test('until drained there is an end to the events', () => {
  expect(readStartOptions(['--until-drained'])).toMatchObject({ untilDrained: true, events: 20_000 });
  expect(readStartOptions(['--until-drained', '--events', '7'])).toMatchObject({ events: 7 });
});

test('it speaks the contract that it is told to', () => {
  expect(readStartOptions(['--contract', 'platform'])).toMatchObject({ contract: 'platform' });
});

test('every wrong value is named at once', () => {
  expect(readStartOptions(['--events', 'many', '--indexers', '0', '--rate=1.5', '--contract=both'])).toEqual({
    problems: [
      '--contract must be guide or platform, not "both"',
      '--events must be a whole number from 1 to 100000000, not "many"',
      '--rate must be a whole number from 1 to 100000, not "1.5"',
      '--indexers must be a whole number from 1 to 64, not "0"',
    ],
  });
});

test.each([[['--evnets', '5']], [['now']]])('%j is no argument', (args) => {
  expect(readStartOptions(args)).toMatchObject({ problems: [expect.stringContaining(args[0] as string)] });
});
