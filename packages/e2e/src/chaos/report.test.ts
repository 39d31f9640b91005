import type { Verdict } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { isClean, type ReportedRound, reportText } from './report.ts';

const verdict: Verdict = {
  due: 100,
  indexed: 100,
  deadLettered: 0,
  inGaps: 0,
  missing: [],
  twice: [],
  altered: [],
  extra: [],
};
const clean: ReportedRound = {
  seed: 7,
  faults: ['kill', 'stall'],
  verdict,
  failedJobs: 0,
  durationMs: 36_000,
  trouble: null,
};
const about = { startedAt: new Date('2026-11-22T00:00:00Z'), firstSeed: 7, machine: 'here' };

test('a round is clean only where all was compared and nothing was wrong', () => {
  expect(isClean(clean)).toBe(true);
  expect(isClean({ ...clean, verdict: null })).toBe(false);
  expect(isClean({ ...clean, failedJobs: 1 })).toBe(false);
  expect(isClean({ ...clean, trouble: 'did not drain' })).toBe(false);
  expect(isClean({ ...clean, verdict: { ...verdict, twice: ['a'] } })).toBe(false);
});

test('the report sums up and names what was wrong, with the seed to run it again', () => {
  const bad = { ...clean, seed: 8, verdict: { ...verdict, missing: ['a', 'b'] } };
  const text = reportText([clean, bad], about);
  expect(text).toContain('| rounds | 2 |');
  expect(text).toContain('| lost | 2 |');
  expect(text).toContain('| kill | 2 |');
  expect(text).toContain('- seed 8: kill + stall: missing 2 (a, b)');
  expect(reportText([clean], about)).toContain('Every round was clean.');
});
