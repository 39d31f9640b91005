import { expect, test } from 'vitest';
import { emptyVerdict } from '../oracle/archive/archive-verdict.ts';
import { archiveSummary } from './archive-summary.ts';

const verdict = {
  ...emptyVerdict(),
  windows: 1,
  served: 1_544,
  stored: 1_543,
  deadLettered: 1,
  values: 5_400,
  objects: 9,
  digestsVerified: 5,
  records: 1,
  events: 1,
};

test('the summary shows every figure and says that they agree', () => {
  expect(archiveSummary(verdict)).toBe(
    [
      "The simulator's conversations against the bucket",
      '  windows                          1',
      '  conversations served         1,544',
      '  stored                       1,543',
      '  dead-lettered                    1',
      '  missing                          0',
      '  twice                            0',
      '  altered                          0',
      '  personal values              5,400',
      '  personal values leaked           0',
      '  objects                          9',
      '  not encrypted                    0',
      '  digests verified                 5',
      '  compliance chain            intact',
      '  completion events                1',
      'They agree.',
    ].join('\n'),
  );
});

test('where they do not agree it names what is wrong, with a few examples', () => {
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const text = archiveSummary({ ...verdict, missing: ids, unrecorded: ['BATCH_20261121'] });
  expect(text).toContain('  missing                          6\n');
  expect(text).toContain('  compliance chain            BROKEN\n');
  expect(text).toMatch(
    /\n {2}missing, for example: a, b, c, d, e\n {2}without a compliance record .*: BATCH_20261121\nThey do NOT agree\.$/,
  );
});
