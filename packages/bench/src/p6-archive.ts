import { ArchiveParts } from './archive-parts.ts';
import {
  type ArchiveProgram,
  type ArchiveRun,
  type ArchiveStage,
  archivePrograms,
  archiveRun,
} from './archive-run.ts';
import type { BenchOptions } from './options.ts';
import type { Line } from './table.ts';

/** P6: archives of each size on their way through the pipeline, each with processes of its own. */
export async function archiveLines(
  { sizes, settings, profile }: Pick<BenchOptions, 'sizes' | 'settings' | 'profile'>,
  tell: (line: string) => void,
): Promise<{ lines: Line[]; redis: string }> {
  await using parts = await ArchiveParts.start();
  const runs: ArchiveRun[] = [];
  for (const bytes of sizes) runs.push(await archiveRun({ parts, bytes, settings, profile, tell }));
  const redis = /redis_version:(\S+)/.exec(await parts.redis.info('server'))?.[1] ?? 'unknown';
  return { lines: [...runs.flatMap(linesOfSize), ...growthLines(runs)], redis };
}

/** No process may hold more (MB), and what is aimed at. */
const mostMegabytes = 300;
const goalMegabytes = 150;

const stageWords: Readonly<Record<ArchiveStage, string>> = {
  download: 'download into the stage, digest verified',
  split: 'split into batches',
  redact: 'redact',
  store: 'compress, store, complete the window',
};

/** Pure. Rates are of the archive's bytes, whatever a stage makes of them. */
export function linesOfSize(run: ArchiveRun): Line[] {
  const size = sizeText(run.bytes);
  const line = (what: string, unit: string, value: number, goal: Line['goal'] = null): Line => ({
    measure: 'P6',
    what: `${size}: ${what}`,
    unit,
    goal,
    rounds: [value],
  });
  const gigabytes = run.bytes / 1e9;
  const peaks = archivePrograms.map((one) => run.resident[one].peak);
  return [
    line('resident memory of the largest process, peak', 'MB', Math.max(...peaks), { atMost: mostMegabytes }),
    ...archivePrograms.map((one) =>
      line(`resident memory of the ${one}, peak`, 'MB', run.resident[one].peak, { atMost: goalMegabytes }),
    ),
    ...archivePrograms.map((one) => line(`the ${one} before its first job`, 'MB', run.resident[one].idle)),
    ...(Object.keys(stageWords) as ArchiveStage[]).map((stage) =>
      line(stageWords[stage], 'MB/s', run.bytes / 1e6 / run.seconds[stage]),
    ),
    ...archivePrograms.map((one) => line(`CPU of the ${one} per GB`, 's', run.cpuSeconds[one] / gigabytes)),
    line('stored, to served', '', run.storedBytes / run.bytes),
  ];
}

/** Pure: the peaks of the largest archive to those of the smallest; nothing where there is one size. */
export function growthLines(runs: readonly ArchiveRun[]): Line[] {
  const bySize = runs.toSorted((a, b) => a.bytes - b.bytes);
  const [smallest, largest] = [bySize[0], bySize.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) return [];
  const growth = (one: ArchiveProgram): number => largest.resident[one].peak / smallest.resident[one].peak;
  return archivePrograms.map((one) => ({
    measure: 'P6',
    what: `peak of the ${one}, ${sizeText(largest.bytes)} to ${sizeText(smallest.bytes)}`,
    unit: '',
    goal: { atMost: 1.1 },
    rounds: [growth(one)],
  }));
}

/** `200 MB`, `2 GB`. */
function sizeText(bytes: number): string {
  const gigabytes = bytes / 1e9;
  return gigabytes >= 0.95 ? `${Number(gigabytes.toFixed(1))} GB` : `${Math.round(bytes / 1e6)} MB`;
}
