import { AccessLog } from '@trunkline/access-log';
import { ARCHIVE_PLAN, type ArchiveWindowAct, archivePlanJob } from '@trunkline/contracts';
import { createLogger } from '@trunkline/service';
import { type Job, UnrecoverableError } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ArchiveDeployment } from '../archive-deployment.fixture.ts';

let deployment: ArchiveDeployment;

beforeEach(async () => {
  deployment = await ArchiveDeployment.start();
});

afterEach(() => deployment[Symbol.asyncDispose]());

/** Stands in for the planner of a fetcher. */
function planner(result: string | Error): ArchiveWindowAct[] {
  const asked: ArchiveWindowAct[] = [];
  deployment.worker(ARCHIVE_PLAN, async (job: Job) => {
    asked.push(archivePlanJob.parse(job.data).act as ArchiveWindowAct);
    if (typeof result !== 'string') throw result;
    return { result };
  });
  return asked;
}

const windowId = 'BATCH_20261121_chat+email+message+voice.acme';

test.each([
  ['release', 'released', 0, 'goes on without the texts'],
  ['release', 'archived', 1, 'there is nothing to release'],
  ['again', 'queued', 0, 'is fetched once more'],
  ['again', 'whole', 1, 'no text is missing of it'],
])('archive %s of a window ends with %s', async (kind, result, code, out) => {
  const asked = planner(result);
  expect(await deployment.run(['archive', kind, windowId, '--reason', ' ticket 7 '])).toMatchObject({
    code,
    out: expect.stringContaining(out),
  });
  expect(asked).toEqual([
    { kind, windowId, by: 'ops@test', reason: 'ticket 7', at: expect.stringMatching(/^20/) },
  ]);
  const log = createLogger({ service: 'cli', instance: 'test', level: 'silent' });
  const entries = await new AccessLog(deployment.redis, deployment.name, log).read('actions');
  expect(entries.map(({ action, outcome, reason }) => [action, outcome, reason])).toEqual([
    [`window-${kind}`, 'done', 'ticket 7'],
    [`window-${kind}`, 'begun', 'ticket 7'],
  ]);
});

test('what a fetcher cannot do is told with its reason', async () => {
  planner(new UnrecoverableError('ORGANISATION_UNKNOWN: This deployment knows no organisation acme.'));
  const { code, out } = await deployment.run(['archive', 'release', windowId, '--reason', 'r', '--json']);
  expect(JSON.parse(out)).toMatchObject({ v: 1, windowId, result: 'failed' });
  expect(code).toBe(2);
});

test.each([
  [['BATCH_21'], 'is no id of a window'],
  [[windowId, '--reason', ' '], '--reason must say why'],
])('%j is refused', async (args, err) => {
  const all = ['archive', 'release', ...args, ...(args.length === 1 ? ['--reason', 'r'] : [])];
  expect(await deployment.run(all)).toMatchObject({ code: 64, err: expect.stringContaining(err) });
});
