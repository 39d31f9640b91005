import { expect, test } from 'vitest';
import { drainedSummary } from './until-drained.ts';

const comparison = {
  served: 20_400,
  unique: 20_000,
  indexed: 19_999,
  deadLettered: 1,
  missing: 0,
  twice: 0,
  altered: 0,
  examples: { missing: [], twice: [], altered: [] },
};

test('the summary shows every figure and says that they agree', () => {
  expect(drainedSummary({ comparison, eventsPerSecond: 873.4 })).toBe(
    [
      "The simulator's ledger against Elasticsearch",
      '  served            20,400',
      '  unique            20,000',
      '  indexed           19,999',
      '  dead-lettered          1',
      '  missing                0',
      '  twice                  0',
      '  altered                0',
      '  events/s             873',
      'They agree.',
    ].join('\n'),
  );
});

test('where they do not agree it names examples; a rate that was not measured is unknown', () => {
  const wrong = { ...comparison, missing: 2, examples: { ...comparison.examples, missing: ['a', 'b'] } };
  const text = drainedSummary({ comparison: wrong, eventsPerSecond: null });
  expect(text).toMatch(/events\/s {15}-\n {2}missing, for example: a, b\nThey do NOT agree\.$/);
});
