import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { archiveJobs } from './archive-jobs.fixture.ts';
import {
  faults,
  openBrowser,
  openPage,
  type Screen,
  screens,
  screenshot,
  show,
  startAnew,
} from './browser.fixture.ts';
import {
  batchJob,
  deadLetterJob,
  failedJob,
  passwords,
  seedArchive,
  seedHistory,
  seedPipeline,
  startDashboard,
  type TestDashboard,
} from './dashboard.fixture.ts';

/** A state that a loaded machine reaches too. */
const soon = { timeout: 90_000, interval: 50 };

let browser: Browser;
let dashboard: TestDashboard;
let page: Page;
/** Every request to another host than the dashboard's. */
let outside: string[];
/** What the page's scripts broke on, and what our policy refused. */
let complaints: string[];

beforeAll(async () => {
  browser = await openBrowser();
  page = await openPage(browser);
  page.context().on('request', (request) => {
    if (new URL(request.url()).origin !== dashboard.url) outside.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
});

afterAll(() => browser.close());

beforeEach(async () => {
  outside = [];
  complaints = [];
  dashboard = await startDashboard(inject('redisUrl'));
});

afterEach(async () => {
  await startAnew(page);
  await dashboard.close();
});

async function logIn(name: keyof typeof passwords, to = '/'): Promise<void> {
  await page.goto(dashboard.url + to);
  await page.getByLabel('User').fill(name);
  await page.getByLabel('Password').fill(passwords[name]);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const digestMismatch =
  'ARCHIVE_DIGEST_MISMATCH: The bytes of BATCH_20261121 are not those that Genesys stated.';

/** Opens the failed jobs of audit-index in Bull Board, and the data of the one that is there. */
async function openFailedJob(name: keyof typeof passwords): Promise<void> {
  await logIn(name, '/queues/queue/audit-index?status=failed');
  await page.getByRole('tab', { name: 'Data' }).click();
  await page.getByText(batchJob.payloadKey).waitFor();
}

/** A job's buttons are icons without a name; above them stands "Retry all" with the same icon. */
function jobButton(icon: 'refresh-cw' | 'trash-2' | 'pencil' | 'files') {
  return page.locator(`button:has(> svg.lucide-${icon})`).filter({ hasNotText: 'all' });
}

test('an operator logs in, sees a failed job and retries it', async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  await openFailedJob('ana');
  await screenshot(page, 'board-operator-failed-job');
  expect(await jobButton('pencil').isVisible()).toBe(false);
  expect(await jobButton('files').isVisible()).toBe(false);
  await jobButton('refresh-cw').click();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect.poll(() => job.getState(), soon).toBe('waiting');
  const told = { event: 'access.operator-action', user: 'ana', action: 'retry', jobId: job.id };
  await expect.poll(() => dashboard.log, soon).toContainEqual(expect.objectContaining(told));
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test('an operator who presses what is closed is told why', async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  await openFailedJob('ana');
  await jobButton('trash-2').click();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('it can be retried, not removed').waitFor();
  expect(await job.getState()).toBe('failed');
});

test('a viewer sees the failed job, has no button for it, and is refused without the page too', async () => {
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  await openFailedJob('vera');
  await screenshot(page, 'board-viewer-failed-job');
  expect(
    await page.locator('button:has(svg.lucide-refresh-cw), button:has(svg.lucide-trash-2)').count(),
  ).toBe(0);
  // With the viewer's own cookie, from the page's own origin.
  const status = await page.evaluate(
    (id) =>
      fetch(`/queues/api/queues/audit-index/${id}/retry`, { method: 'PUT' }).then((answer) => answer.status),
    job.id,
  );
  expect(status).toBe(403);
  expect(await job.getState()).toBe('failed');
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the overview follows the pipeline while one looks', async () => {
  await seedPipeline(dashboard);
  await logIn('vera');
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  await failedJob(dashboard, 'audit-dead-letter', deadLetterJob);
  await page.getByRole('heading', { name: '1 dead letter waits for a person' }).waitFor();
  await expect.poll(() => page.title(), soon).toBe('1 dead letter waits for a person · Trunkline');
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test('login and overview fit every screen, and nobody is kept out of them', async () => {
  await seedPipeline(dashboard);
  await seedHistory(dashboard);
  await seedArchive(dashboard);
  await failedJob(dashboard, 'audit-dead-letter', deadLetterJob);
  await failedJob(dashboard, 'archive-fetch', archiveJobs['archive-fetch'], digestMismatch);
  await dashboard
    .queue('audit-index')
    .addBulk(Array.from({ length: 14 }, () => ({ name: 'batch', data: batchJob })));
  await page.goto(dashboard.url);
  expect(await faults(page, 'login')).toEqual([]);
  await logIn('ana');
  await page.getByText('in all').last().waitFor();
  const audit = `{${dashboard.deployment}:audit}`;
  // A few seconds of work, so that the charts have a shape.
  for (const created of [310, 420, 400, 520]) {
    const before = await page.locator('.as-of').textContent();
    await dashboard.redis.hincrby(`${audit}:totals`, 'created', created);
    await dashboard.redis.hincrby(`${audit}:totals`, 'received', 400);
    await expect.poll(() => page.locator('.as-of').textContent(), soon).not.toBe(before);
  }
  expect(await faults(page, 'overview')).toEqual([]);
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test('charts are read by keyboard, and as tables, on narrow screens too', async () => {
  await seedPipeline(dashboard);
  await seedHistory(dashboard);
  await logIn('vera');
  await page.locator('#verdict').waitFor();
  for (const ofOneWidth of [screens.slice(0, 2), screens.slice(2)]) {
    await show(page, ofOneWidth[0] as Screen);
    await page.reload();
    const chart = page.locator('#chart-throughput');
    await chart.getByRole('application').focus();
    const said = chart.getByRole('status');
    // A key that is pressed before the page's script runs is nobody's.
    await expect
      .poll(async () => {
        await page.keyboard.press('Home');
        return said.textContent();
      }, soon)
      .toMatch(/^\d\d:\d\d:\d\d UTC, Indexed .*\/s, Received .*\/s$/);
    const first = await said.textContent();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => said.textContent(), soon).not.toBe(first);
    expect(await chart.locator('.readout').isVisible()).toBe(true);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => said.textContent(), soon).toBe(first);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await chart.getByRole('rowheader').first().waitFor();
    expect(await chart.locator('.readout').isVisible()).toBe(false);
    expect(await faults(page, null, ofOneWidth)).toEqual([]);
  }
});

test('trouble is named where one looks first', async () => {
  await seedPipeline(dashboard, {
    ready: false,
    problems: ['elasticsearch: The cluster is yellow, and indexing waits for green.'],
  });
  await logIn('vera');
  await page
    .getByRole('heading', { name: 'Indexing waits: the gate to Elasticsearch is shut', level: 1 })
    .waitFor();
  await page.getByText('indexer: The cluster is yellow').waitFor();
  await screenshot(page, 'overview-trouble');
});

test('a deployment without archives says so in a quiet line', async () => {
  await seedPipeline(dashboard);
  await logIn('vera');
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  await page.getByText('This deployment archives no conversations').waitFor();
});

test('an operator comes from the failed window to its job and retries it', async () => {
  await seedPipeline(dashboard);
  await seedArchive(dashboard);
  const job = await failedJob(dashboard, 'archive-fetch', archiveJobs['archive-fetch'], digestMismatch);
  await logIn('ana');
  await page.getByRole('heading', { name: '1 job of archive-fetch failed' }).waitFor();
  const failed = page.getByRole('region', { name: 'Windows that stand failed' });
  await failed.getByText('ARCHIVE_DIGEST_MISMATCH').waitFor();
  await failed.getByRole('link', { name: 'archive-fetch' }).click();
  await page.getByRole('tab', { name: 'Data' }).click();
  await page.getByText('BATCH_20261121').first().waitFor();
  await screenshot(page, 'board-operator-failed-window');
  await jobButton('refresh-cw').click();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect.poll(() => job.getState(), soon).toBe('waiting');
  expect(outside).toEqual([]);
  expect(complaints).toEqual([]);
});

test('a viewer sees a failed window and is refused its retry', async () => {
  await seedPipeline(dashboard);
  await seedArchive(dashboard);
  const job = await failedJob(dashboard, 'archive-fetch', archiveJobs['archive-fetch'], digestMismatch);
  await logIn('vera');
  await page.getByRole('region', { name: 'Windows that stand failed' }).waitFor();
  const status = await page.evaluate(
    (id) =>
      fetch(`/queues/api/queues/archive-fetch/${id}/retry`, { method: 'PUT' }).then(
        (answer) => answer.status,
      ),
    job.id,
  );
  expect(status).toBe(403);
  expect(await job.getState()).toBe('failed');
});

test('no page shows what somebody put into jobs and windows of the archive by hand', async () => {
  await seedPipeline(dashboard);
  await seedArchive(dashboard);
  const jobs = await Promise.all(
    (['archive-fetch', 'archive-upload', 'archive-compliance'] as const).map((name) =>
      failedJob(dashboard, name, {
        ...archiveJobs[name],
        'Jane Doe': 'jane@example.org',
        traceId: '+1 202 555 0143',
      }),
    ),
  );
  await dashboard.redis.lpush(`{${dashboard.deployment}:archive}:windows`, '{"windowId":"jane@example.org"}');
  await logIn('vera');
  await page.getByRole('region', { name: 'Windows that stand failed' }).waitFor();
  const pages = [await page.content()];
  for (const { queueName, id } of jobs) {
    await page.goto(`${dashboard.url}/queues/queue/${queueName}/${id}`);
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText('unknownFields').waitFor();
    pages.push(await page.content());
    pages.push(
      await page.evaluate(
        (path) => fetch(path).then((answer) => answer.text()),
        `/queues/api/queues/${queueName}/${id}`,
      ),
    );
  }
  for (const text of pages) expect(text).not.toMatch(/jane|202\D{0,3}555|555\D{0,3}0143/i);
});

test('a shut bucket gate is named with its reason', async () => {
  await seedPipeline(dashboard);
  const problem = 'bucket: The bucket has no default encryption.';
  await seedArchive(dashboard, { ready: false, problems: [problem], facts: { gate: 'shut (unencrypted)' } });
  await logIn('vera');
  await page.getByRole('heading', { name: 'Uploads wait: the bucket gate is shut' }).waitFor();
  await page.locator('.gate').getByText('no default encryption').waitFor();
  await screenshot(page, 'overview-gate-shut');
});

test('the page of a session that has ended goes back to the login', async () => {
  await seedPipeline(dashboard);
  await logIn('vera');
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  expect(outside).toEqual([]);
});

test('a link from another site, such as a chat, finds the session that is open', async () => {
  await seedPipeline(dashboard);
  await logIn('vera');
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  const chat = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end(`<a href="${dashboard.url}/">to the dashboard</a>`);
  });
  await new Promise<void>((resolve) => chat.listen(0, '127.0.0.1', resolve));
  // Another site than 127.0.0.1 to a browser.
  await page.goto(`http://localhost:${(chat.address() as AddressInfo).port}`);
  await page.getByRole('link').click();
  await page.getByRole('heading', { name: 'All is well' }).waitFor();
  chat.close();
  chat.closeAllConnections();
});

test('a link from another site leads who is not logged in to the login', async () => {
  const answer = await fetch(dashboard.url, {
    headers: { accept: 'text/html', 'sec-fetch-site': 'cross-site' },
  });
  expect(await answer.text()).toContain('http-equiv="refresh"');
  await page.setContent(`<a href="${dashboard.url}/">to the dashboard</a>`);
  await page.getByRole('link').click();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
});

test("nobody is kept out of Bull Board's own pages", async () => {
  await failedJob(dashboard, 'audit-index', batchJob);
  await logIn('ana', '/queues');
  const found: string[] = [];
  for (const screen of screens.filter(({ name }) => name === 'desktop-light' || name === 'phone-dark')) {
    // Loaded anew on each: its colours fade into each other for a while, whatever motion one asks for.
    await show(page, screen);
    await page.goto(`${dashboard.url}/queues`);
    await page.getByText('audit-index').first().waitFor();
    found.push(...(await faults(page, 'board', [screen])));
    await page.goto(`${dashboard.url}/queues/queue/audit-index?status=failed`);
    await page.getByRole('tab', { name: 'Data' }).click();
    await page.getByText(batchJob.payloadKey).waitFor();
    found.push(...(await faults(page, 'board-queue', [screen])));
  }
  expect(found).toEqual([]);
});
