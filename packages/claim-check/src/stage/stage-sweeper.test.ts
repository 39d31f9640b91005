import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gathered } from './gathered.fixture.ts';
import { openStage } from './open-stage.ts';
import { StageSweeper, type SweepReport } from './stage-sweeper.ts';
import { isSwept } from './sweep-decision.ts';

const hour = 3_600_000;
const day = 24 * hour;
const ages = { failedMs: 3 * day, unnamedMs: day, completedMs: 14 * day };

it.each([
  [{ kind: 'window', state: 'running' }, 1_000 * day, false],
  [{ kind: 'window', state: 'failed' }, 2 * day, false],
  [{ kind: 'window', state: 'failed' }, 4 * day, true],
  [{ kind: 'window', state: 'none' }, 23 * hour, false],
  [{ kind: 'window', state: 'none' }, 25 * hour, true],
  [{ kind: 'completed' }, 13 * day, false],
  [{ kind: 'completed' }, 15 * day, true],
] as const)('of %j after %d ms is swept: %s', (found, age, swept) => {
  expect(isSwept(found, 0, age, ages)).toBe(swept);
});

it('sweeps what nobody asks for any more, tells of windows that stand failed, and gives dead letters their jobs back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-'));
  const stage = openStage({ url: `file://${folder}` }, [randomBytes(32)], null);
  const now = Date.now();
  const put = async (name: string, age: number): Promise<void> => {
    await stage.putNote(name, 'x');
    const at = new Date(now - age);
    await utimes(join(folder, `${name},sealed`), at, at);
  };
  const names: [string, number][] = [
    ['windows/RUNNING/f/000000', 30 * day],
    ['windows/FAILED_LATELY/f/000000', 30 * day],
    ['windows/FAILED_LATELY/g/000000', 2 * day],
    ['windows/FAILED_LONG_AGO/f/000000', 4 * day],
    ['windows/NOBODYS/f/000000', 2 * day],
    ['windows/NEW/f/000000', hour],
    ['dead/W/flow/b00001-1/000000', 30 * day],
    ['dead/W/flow/b00001-10/000000', 30 * day],
    ['dead/W/flow/b00001-2/000000', hour],
    ['completed/LATELY', 13 * day],
    ['completed/LONG_AGO', 15 * day],
  ];
  for (const [name, age] of names) await put(name, age);
  await writeFile(join(folder, '.tmp', `${now - 2 * day}-left`), '');
  await writeFile(join(folder, '.tmp', `${now - hour}-new`), '');
  const reports: SweepReport[] = [];
  const restored: string[] = [];
  const sweeper = new StageSweeper({
    stage,
    keepFailedMs: ages.failedMs,
    stateOf: async (windowId) =>
      windowId === 'RUNNING' ? 'running' : windowId.startsWith('FAILED') ? 'failed' : 'none',
    isDeadLetterNamed: async ({ windowId, flow, batch, index }) =>
      `${windowId}-${flow}-${batch}-${index}` === 'W-flow-b00001-10',
    restoreDeadLetter: async ({ windowId, flow, batch, index }) => {
      const at = `${windowId}/${flow}/${batch}/${index}`;
      if (restored.includes(at)) return false;
      restored.push(at);
      return true;
    },
    told: (report) => reports.push(report),
    failed: (error) => expect.unreachable(String(error)),
    now: () => now,
    everyMs: 1,
  });
  await sweeper.start();
  await expect.poll(() => reports.length).toBeGreaterThanOrEqual(2);
  await sweeper.stop();
  expect(reports[0]).toEqual({
    removed: [
      { windowId: 'FAILED_LONG_AGO', state: 'failed' },
      { windowId: 'NOBODYS', state: 'none' },
    ],
    failed: [{ windowId: 'FAILED_LATELY', sweptAt: expect.closeTo(now + day, -2) }],
    deadLettersRestored: 2,
    notesRemoved: 1,
    leftOversRemoved: 1,
  });
  expect(reports[1]).toMatchObject({
    removed: [],
    deadLettersRestored: 0,
    notesRemoved: 0,
    leftOversRemoved: 0,
  });
  expect(restored).toEqual(['W/flow/b00001/1', 'W/flow/b00001/2']);
  expect((await gathered(stage.list(''))).map(({ name }) => name)).toEqual([
    'completed/LATELY',
    'dead/W/flow/b00001-1/000000',
    'dead/W/flow/b00001-10/000000',
    'dead/W/flow/b00001-2/000000',
    'windows/FAILED_LATELY/f/000000',
    'windows/FAILED_LATELY/g/000000',
    'windows/NEW/f/000000',
    'windows/RUNNING/f/000000',
  ]);
  expect(await readdir(join(folder, '.tmp'))).toEqual([`${now - hour}-new`]);
  await rm(folder, { recursive: true });
});
