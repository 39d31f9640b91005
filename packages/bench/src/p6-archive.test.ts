import { expect, test } from 'vitest';
import type { ArchiveRun } from './archive-run.ts';
import { growthLines, linesOfSize } from './p6-archive.ts';
import { verdictOf } from './table.ts';

function run(bytes: number, redactorPeak: number): ArchiveRun {
  return {
    bytes,
    seconds: { download: 2, split: 4, redact: 20, store: 10 },
    cpuSeconds: { fetcher: 1, redactor: 3, uploader: 2 },
    resident: {
      fetcher: { idle: 80, peak: 120 },
      redactor: { idle: 90, peak: redactorPeak },
      uploader: { idle: 85, peak: 140 },
    },
    storedBytes: bytes / 4,
  };
}

const figures = (lines: ReturnType<typeof linesOfSize>): Record<string, number | undefined> =>
  Object.fromEntries(lines.map(({ what, rounds }) => [what, rounds[0]]));

test('rates and CPU time are of the bytes that were served', () => {
  expect(figures(linesOfSize(run(200e6, 160)))).toMatchObject({
    '200 MB: download into the stage, digest verified': 100,
    '200 MB: redact': 10,
    '200 MB: CPU of the redactor per GB': 15,
    '200 MB: stored, to served': 0.25,
  });
});

test('the largest process is judged by what none may hold, each by the goal', () => {
  const verdicts = linesOfSize(run(2e9, 160))
    .filter(({ goal }) => goal !== null)
    .map((line) => [line.what, verdictOf(line)]);
  expect(verdicts).toEqual([
    ['2 GB: resident memory of the largest process, peak', 'pass'],
    ['2 GB: resident memory of the fetcher, peak', 'pass'],
    ['2 GB: resident memory of the redactor, peak', 'FAIL'],
    ['2 GB: resident memory of the uploader, peak', 'pass'],
  ]);
});

test('growth is of the largest archive to the smallest, whatever their order', () => {
  expect(figures(growthLines([run(2e9, 180), run(200e6, 150)]))).toEqual({
    'peak of the fetcher, 2 GB to 200 MB': 1,
    'peak of the redactor, 2 GB to 200 MB': 1.2,
    'peak of the uploader, 2 GB to 200 MB': 1,
  });
  expect(growthLines([run(200e6, 150)])).toEqual([]);
});
