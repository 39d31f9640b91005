import { setTimeout as sleep } from 'node:timers/promises';
import { archiveWindowAt } from '@trunkline/contracts';
import { s3AccessOf } from '@trunkline/local-stack';
import { archiveEnvironment, openManifests, startOwnS3 } from './archive-parts.ts';
import { cpuSecondsOf } from './cpu.ts';
import type { Bench } from './measure.ts';
import { Pipeline } from './pipeline.ts';
import { Source } from './source.ts';
import type { Line } from './table.ts';
import { until } from './until.ts';

const programs = ['indexer', 'redactor', 'uploader', 'fetcher', 'dashboard'] as const;
/** Until start-up work is done and the compiler is at rest. */
const settleMs = 5_000;
const dayMs = 86_400_000;
const media = ['voice', 'chat'];

/**
 * P8: what the processes of both pipelines use while nothing happens, with all settings as they come. The measurement is cut into
 * the rounds.
 */
export async function idleLines({ parts, options, tell }: Bench): Promise<Line[]> {
  await using stack = new AsyncDisposableStack();
  const s3 = await startOwnS3(parts.folder);
  stack.defer(() => s3.stop());
  await using source = await Source.start(parts.folder, 0);
  const access = s3AccessOf(s3);
  const settings = {
    FETCHER_PIPELINES: 'audit,archive',
    ARCHIVE_MEDIA_TYPES: media.join(','),
    ...archiveEnvironment('idle', parts.folder, access),
  };
  await using pipeline = new Pipeline({ name: 'idle', parts, source, settings, profile: null });
  const processes: { program: string; pid: number }[] = [];
  for (const program of programs) processes.push({ program, pid: (await pipeline.start(program)).pid });
  const before = await pipeline.received();
  await source.add(100);
  await pipeline.untilSettled(before + 1);
  const { clock } = await source.control.state();
  const yesterday = archiveWindowAt(Date.parse(clock.now) - dayMs, dayMs, media);
  const manifests = openManifests('idle', access, stack);
  await until('the day before is archived', () => manifests.exists(yesterday), { limitMs: 120_000 });
  await sleep(settleMs);

  const read = (): number[] => processes.map(({ pid }) => cpuSecondsOf(pid));
  const rounds: number[][] = [];
  for (let number = 1; number <= options.rounds; number++) {
    const used = read();
    const startedAt = performance.now();
    await sleep((options.seconds * 1_000) / options.rounds);
    const seconds = (performance.now() - startedAt) / 1_000;
    rounds.push(read().map((now, place) => ((now - (used[place] ?? 0)) / seconds) * 100));
    tell(`part ${number} of ${options.rounds}`);
  }
  const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
  return [
    {
      measure: 'P8',
      what: 'idle: CPU of fetcher, indexer, redactor, uploader and dashboard together',
      unit: '% of a core',
      goal: { atMost: 2 },
      rounds: rounds.map(sum),
    },
    ...processes.map(({ program }, place) => ({
      measure: 'P8',
      what: `idle: CPU of the ${program}`,
      unit: '% of a core',
      goal: null,
      rounds: rounds.map((shares) => shares[place] ?? Number.NaN),
    })),
  ];
}
