import {
  ARCHIVE_PLAN,
  archivedWindowsKey,
  type HeldBackWindow,
  heldBackWindowsKey,
} from '@trunkline/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { logIn, post, startDashboard, type TestDashboard } from '../dashboard.fixture.ts';

let dashboard: TestDashboard;

const heldBack: HeldBackWindow = {
  windowId: 'BATCH_20261121_message+voice',
  code: 'ARCHIVE_TEXT_NOT_READY',
  why: 'Genesys is still making the links to a transcript: the window is held back.',
  since: '2026-11-24T01:00:00.000Z',
  until: '2026-11-24T03:00:00.000Z',
  goesOnAt: '2026-12-01T01:00:00.000Z',
};
const archived = {
  windowId: 'BATCH_20261120',
  from: '2026-11-20T00:00:00.000Z',
  to: '2026-11-21T00:00:00.000Z',
  status: 'SUCCESS',
  conversations: 10,
  bytes: 1,
  cost: 0,
  integrity: 'unverified',
  missingTexts: 3,
  at: '2026-11-23T01:00:00.000Z',
};

beforeAll(async () => {
  dashboard = await startDashboard(inject('redisUrl'));
  await dashboard.redis.hset(
    heldBackWindowsKey(dashboard.deployment),
    heldBack.windowId,
    JSON.stringify(heldBack),
  );
  await dashboard.redis.lpush(archivedWindowsKey(dashboard.deployment), JSON.stringify(archived));
});

afterAll(() => dashboard.close());

const path = (windowId: string, kind = '') => `/windows/${encodeURIComponent(windowId)}${kind}`;

test('an operator releases a window that is held back, and has one fetched once more, each with a reason', async () => {
  const cookie = await logIn(dashboard, 'ana');
  const see = async (windowId: string) =>
    (await fetch(dashboard.url + path(windowId), { headers: { cookie, accept: 'text/html' } })).text();
  await expect.poll(() => see(heldBack.windowId)).toContain('still making the links to a transcript');
  expect(await see(archived.windowId)).toContain('Fetch once more');

  for (const [windowId, kind] of [
    [heldBack.windowId, 'release'],
    [archived.windowId, 'again'],
  ] as const) {
    const answer = await post(dashboard, path(windowId, `/${kind}`), { reason: 'ticket 7' }, { cookie });
    expect(answer.headers.get('location')).toBe(`${path(windowId)}?asked=${kind}`);
  }
  const jobs = await dashboard.queue(ARCHIVE_PLAN).getJobs();
  expect(jobs.map(({ data }) => data.act)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        kind: 'release',
        windowId: heldBack.windowId,
        by: 'ana',
        reason: 'ticket 7',
      }),
      expect.objectContaining({ kind: 'again', windowId: archived.windowId, by: 'ana' }),
    ]),
  );
  expect(dashboard.log).toContainEqual(
    expect.objectContaining({ event: 'access.operator-action', action: 'window-release', user: 'ana' }),
  );
});

test.each([
  ['without a reason', 'ana', heldBack.windowId, '/release', { reason: ' ' }, 400],
  ['that does not fit the window', 'ana', heldBack.windowId, '/again', { reason: 'r' }, 409],
  ['of a window that nobody knows', 'ana', 'BATCH_20200101', '/release', { reason: 'r' }, 404],
  ['of a viewer', 'vera', heldBack.windowId, '/release', { reason: 'r' }, 403],
])('an act %s is refused', async (_name, who, windowId, kind, form, status) => {
  const cookie = await logIn(dashboard, who as 'ana');
  expect((await post(dashboard, path(windowId, kind), form, { cookie })).status).toBe(status);
});
