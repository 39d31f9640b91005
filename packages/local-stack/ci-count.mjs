/**
 * Prints the closing line of a run, `N passed, N failed` (and `, N skipped` where a test was), and exits 0 only when nothing failed.
 *
 *     node packages/local-stack/ci-count.mjs REPORT TESTS CHECK
 *
 * REPORT is vitest's JSON report; TESTS and CHECK are the exit codes of `npm test` and `npm run check`. Nothing that went
 * wrong may come out as 0 failed: a test file that could not be loaded, a runner that ended without a report, a run that
 * executed no test, an exit code without a failed test each count as one.
 */
import { readFileSync } from 'node:fs';

const [reportFile, testsExit, checkExit] = process.argv.slice(2);

/** @returns {{ numPassedTests: number, numFailedTests: number, numPendingTests?: number, testResults: { name: string, status: string, message?: string, assertionResults: { status: string }[] }[] } | null} */
function readReport() {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    return null;
  }
}

const report = readReport();
const passed = report?.numPassedTests ?? 0;
let failed = report?.numFailedTests ?? 0;
for (const file of report?.testResults ?? []) {
  if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
    process.stdout.write(`failed as a whole: ${file.name} ${file.message ?? ''}\n`);
    failed += 1;
  }
}
if (failed === 0 && (testsExit !== '0' || passed === 0)) {
  process.stdout.write(
    `npm test ended with exit code ${testsExit}${report === null ? ' and no report' : ''}\n`,
  );
  failed += 1;
}
if (checkExit !== '0') {
  process.stdout.write(`npm run check ended with exit code ${checkExit}\n`);
  failed += 1;
}
const skipped = report?.numPendingTests ?? 0;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
