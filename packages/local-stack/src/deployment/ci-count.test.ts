import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const program = path.join(import.meta.dirname, '../../ci-count.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'count-'));

afterAll(() => rmSync(folder, { recursive: true }));

function count(report: object | null, tests: string, check: string): { last: string; code: number | null } {
  const file = path.join(folder, 'report.json');
  rmSync(file, { force: true });
  if (report !== null) writeFileSync(file, JSON.stringify(report));
  const { status, stdout } = spawnSync(process.execPath, [program, file, tests, check], { encoding: 'utf8' });
  return { last: stdout.trimEnd().split('\n').at(-1) ?? '', code: status };
}

const passedFile = { name: 'a.test.ts', status: 'passed', assertionResults: [{ status: 'passed' }] };
const green = { numPassedTests: 5, numFailedTests: 0, testResults: [passedFile] };

test.each<[string, object | null, string, string, string, number]>([
  ['all is well', green, '0', '0', '5 passed, 0 failed', 0],
  ['a test was skipped', { ...green, numPendingTests: 3 }, '0', '0', '5 passed, 0 failed, 3 skipped', 0],
  ['a test failed', { ...green, numFailedTests: 2 }, '1', '0', '5 passed, 2 failed', 1],
  ['the check failed', green, '0', '1', '5 passed, 1 failed', 1],
  ['the runner failed without a failed test', green, '1', '0', '5 passed, 1 failed', 1],
  ['the runner crashed', null, '134', '0', '0 passed, 1 failed', 1],
  ['the runner was stopped and the check never ran', null, '124', 'not-run', '0 passed, 2 failed', 1],
  [
    'no test was executed',
    { numPassedTests: 0, numFailedTests: 0, testResults: [] },
    '0',
    '0',
    '0 passed, 1 failed',
    1,
  ],
  [
    'a file could not be loaded',
    { ...green, testResults: [passedFile, { name: 'b.test.ts', status: 'failed', assertionResults: [] }] },
    '1',
    '0',
    '5 passed, 1 failed',
    1,
  ],
])('when %s', (_what, report, tests, check, last, code) => {
  expect(count(report, tests, check)).toEqual({ last, code });
});
