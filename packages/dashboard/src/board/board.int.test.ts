import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import {
  batchJob,
  deadLetterJob,
  failedJob,
  logIn,
  startDashboard,
  type TestDashboard,
} from '../dashboard.fixture.ts';

let dashboard: TestDashboard;
let operator: string;
let viewer: string;

beforeAll(async () => {
  dashboard = await startDashboard(inject('redisUrl'));
  operator = await logIn(dashboard, 'ana');
  viewer = await logIn(dashboard, 'vera');
});

afterAll(() => dashboard.close());

beforeEach(() => {
  dashboard.log.length = 0;
});

function ask(cookie: string, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${dashboard.url}/queues/api${path}`, {
    method,
    headers: { cookie, origin: dashboard.url, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

test('an operator retries a failed job, and that is on record', async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  const answer = await ask(operator, 'PUT', `/queues/audit-index/${job.id}/retry`);
  expect(answer.status).toBe(204);
  expect(await job.getState()).toBe('waiting');
  expect(dashboard.log).toEqual([
    expect.objectContaining({
      event: 'access.operator-action',
      user: 'ana',
      action: 'retry',
      route: '/api/queues/:queueName/:jobId/retry',
      queue: 'audit-index',
      jobId: job.id,
      outcome: 'done',
      status: 204,
    }),
  ]);
});

test('an operator retries all failed jobs of a queue at once', async () => {
  const jobs = [
    await failedJob(dashboard, 'audit-dead-letter', deadLetterJob),
    await failedJob(dashboard, 'audit-dead-letter', deadLetterJob),
  ];
  const answer = await ask(operator, 'PUT', '/queues/audit-dead-letter/retry/failed');
  expect(await answer.json()).toEqual({ retried: 2, skipped: 0 });
  expect(await Promise.all(jobs.map((job) => job.getState()))).toEqual(['waiting', 'waiting']);
});

test('a retry that cannot be is on record as failed', async () => {
  const answer = await ask(operator, 'PUT', '/queues/audit-index/no-such-job/retry');
  expect(answer.status).toBe(404);
  expect(dashboard.log).toContainEqual(
    expect.objectContaining({ event: 'access.operator-action', jobId: 'no-such-job', outcome: 'failed' }),
  );
});

test('a viewer is refused by the server, whatever the page shows, and that is on record', async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  dashboard.log.length = 0;
  const answer = await ask(viewer, 'PUT', `/queues/audit-index/${job.id}/retry`);
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ message: expect.stringContaining('Viewers may look only') });
  expect(await job.getState()).toBe('failed');
  expect(dashboard.log).toEqual([
    expect.objectContaining({ event: 'access.refused', user: 'vera', action: 'retry', jobId: job.id }),
  ]);
});

test('a viewer reads queues and jobs', async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  const answer = await ask(
    viewer,
    'GET',
    '/queues?activeQueue=audit-index&status=failed&page=1&jobsPerPage=10',
  );
  const { queues } = (await answer.json()) as {
    queues: { name: string; readOnlyMode: boolean; jobs: object[] }[];
  };
  expect(queues.map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual([
    ['audit-index', true],
    ['audit-dead-letter', true],
    ['archive-plan', true],
    ['archive-fetch', true],
    ['archive-redact', true],
    ['archive-upload', true],
    ['archive-window', true],
    ['archive-compliance', true],
    ['archive-notify', true],
    ['archive-dead-letter', true],
  ]);
  expect(queues[0]?.jobs).toContainEqual(expect.objectContaining({ id: job.id, data: batchJob }));
});

test.each([
  ['adding a job', 'POST', '/queues/audit-index/add', { name: 'batch', data: {}, options: {} }],
  ['emptying a queue', 'PUT', '/queues/audit-index/empty', undefined],
  ['obliterating a queue', 'PUT', '/queues/audit-index/obliterate', { force: true }],
  ['limiting a queue', 'PUT', '/queues/audit-index/concurrency', { concurrency: 1 }],
])('%s is closed to operators too', async (_, method, path, body) => {
  const before = await dashboard.queue('audit-index').getJobCounts();
  const answer = await ask(operator, method, path, body);
  expect(answer.status).toBe(403);
  expect(await dashboard.queue('audit-index').getJobCounts()).toEqual(before);
});

test("a job's data cannot be edited", async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  const answer = await ask(operator, 'PATCH', `/queues/audit-index/${job.id}/update-data`, {
    jobData: { seq: 1 },
  });
  expect(answer.status).toBe(403);
  expect((await dashboard.queue('audit-index').getJob(job.id ?? ''))?.data).toEqual(batchJob);
});

test('a batch cannot be removed; the pointer to a dead letter can', async () => {
  const batch = await failedJob(dashboard, 'audit-index', batchJob);
  const deadLetter = await failedJob(dashboard, 'audit-dead-letter', deadLetterJob);
  const refused = await ask(operator, 'PUT', `/queues/audit-index/${batch.id}/clean`);
  expect(refused.status).toBe(403);
  expect((await ask(operator, 'PUT', '/queues/audit-index/clean/failed')).status).toBe(403);
  expect(await batch.getState()).toBe('failed');
  expect((await ask(operator, 'PUT', `/queues/audit-dead-letter/${deadLetter.id}/clean`)).status).toBe(204);
  expect(await deadLetter.getState()).toBe('unknown');
});

test('an operator pauses and resumes a queue', async () => {
  expect((await ask(operator, 'PUT', '/queues/audit-index/pause')).status).toBe(200);
  expect(await dashboard.queue('audit-index').isPaused()).toBe(true);
  expect((await ask(operator, 'PUT', '/queues/audit-index/resume')).status).toBe(200);
  expect(await dashboard.queue('audit-index').isPaused()).toBe(false);
});

test('what somebody put into a job by hand is masked', async () => {
  const job = await dashboard.queue('audit-index').add('jane@example.org', {
    ...batchJob,
    stream: 'jane.doe@example.org',
    'Jane Doe': 'called +1 202 555 0143',
  });
  await job.updateProgress({ email: 'jane@example.org' });
  const answer = await ask(viewer, 'GET', `/queues/audit-index/${job.id}`);
  const text = await answer.text();
  expect(text).not.toMatch(/jane|555/i);
  expect(JSON.parse(text)).toMatchObject({
    job: { name: '***', data: { seq: 4711, stream: '***', unknownFields: '*** (1)' } },
  });
});

test('what people asked for is counted', async () => {
  await ask(viewer, 'PUT', '/queues/audit-index/pause');
  expect(await dashboard.registry.metrics()).toMatch(
    /trunkline_dashboard_actions_total\{action="pause",outcome="refused"\} \d+/,
  );
});
