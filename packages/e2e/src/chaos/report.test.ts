import { expect, test } from 'vitest';
import { type Compared, isClean, type ReportedRound, reportText } from './report.ts';

const compared: Compared = {
  counts: { events: 100 },
  wrong: { lost: [], twice: [] },
  failedJobs: 0,
};
const clean: ReportedRound = {
  seed: 7,
  faults: ['kill', 'stall'],
  compared,
  durationMs: 36_000,
  trouble: null,
};
const about = { startedAt: new Date('2026-11-22T00:00:00Z'), firstSeed: 7, machine: 'here' };

test('a round is clean only where all was compared and nothing was wrong', () => {
  expect(isClean(clean)).toBe(true);
  expect(isClean({ ...clean, compared: null })).toBe(false);
  expect(isClean({ ...clean, compared: { ...compared, failedJobs: 1 } })).toBe(false);
  expect(isClean({ ...clean, trouble: 'did not drain' })).toBe(false);
  expect(isClean({ ...clean, compared: { ...compared, wrong: { twice: ['a'] } } })).toBe(false);
});

test('the report sums up and names what was wrong, with the seed to run it again', () => {
  const bad = { ...clean, seed: 8, compared: { ...compared, wrong: { lost: ['a', 'b'], twice: [] } } };
  const text = reportText([clean, bad], about);
  expect(text).toContain('| rounds | 2 |');
  expect(text).toContain('| events | 200 |');
  expect(text).toContain('| lost | 2 |');
  expect(text).toContain('| kill | 2 |');
  expect(text).toContain('- seed 8: kill + stall: lost 2 (a, b)');
  expect(reportText([clean], about)).toContain('Every round was clean.');
});
