/** What an operator sees and does through an outage, in a real browser, on a whole system: at a desk and on a phone. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AUDIT_INDEX } from '@trunkline/contracts';
import { hashPassword } from '@trunkline/dashboard';
import { bullConnection, queuePrefix } from '@trunkline/service';
import { type System, until } from '@trunkline/test-kit';
import axe from 'axe-core';
import { UnrecoverableError, Worker } from 'bullmq';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

const screenshots = fileURLToPath(new URL('../../../test-output/screenshots/', import.meta.url));
const password = randomBytes(12).toString('base64url');
const desk = { viewport: { width: 1440, height: 900 }, colorScheme: 'light' } as const;
const phone = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;

test('an operator sees events flow, an outage and its end, retries what failed and decides about a dead letter', async () => {
  await mkdir(screenshots, { recursive: true });
  await using system = await startSystem({
    simulator: { backlog: 500 },
    settings: { GENESYS_RATE_PER_SECOND: '0' },
  });
  const url = await startDashboard(system);
  const browser = await openBrowser();
  try {
    const ana = await logIn(browser, url, 'ana', desk);
    const vera = await logIn(browser, url, 'vera', phone);

    // Events flow.
    await headline(ana, 'All is well');
    await system.genesys.addEvents(300);
    await system.drained();
    const indexed = (await system.indexedCount()).toLocaleString('en-US');
    await ana.locator('#vitals').getByText(`${indexed} in all`).last().waitFor();
    await ana.getByRole('region', { name: 'Audit events' }).getByText(`${indexed} events`).waitFor();
    await shoot(ana, 'system-well-desktop');
    await shoot(vera, 'system-well-phone');

    // Elasticsearch goes away: the gate shuts, with the reason, on every page that is open.
    await system.faults.elasticsearch.refuse();
    await system.genesys.addEvents(500);
    for (const page of [ana, vera]) {
      await headline(page, 'Indexing waits: the gate to Elasticsearch is shut');
      await page
        .locator('#verdict')
        .getByText(/^indexer: .*Elasticsearch/)
        .first()
        .waitFor();
      await page
        .locator('#audit')
        .getByText(/shut \(/)
        .waitFor();
      await page
        .locator('#safeguards')
        .getByText(/batches wait on the queue/)
        .waitFor();
    }
    await shoot(ana, 'system-outage-desktop');
    await shoot(vera, 'system-outage-phone');
    const job = await failOneBatch(system);

    // It comes back: so do the pages, but for the batch that failed.
    await system.faults.elasticsearch.heal();
    for (const page of [ana, vera]) await headline(page, '1 job of audit-index failed');

    // A viewer sees the failed job, and is refused its retry.
    await vera.getByRole('link', { name: 'See the failed jobs' }).click();
    await vera.getByRole('tab', { name: 'Data' }).click();
    await vera.getByText('payloadKey').waitFor();
    expect(await vera.locator('button:has(svg.lucide-refresh-cw)').count()).toBe(0);
    const retry = `/queues/api/queues/${AUDIT_INDEX}/${encodeURIComponent(job)}/retry`;
    expect(await put(vera, retry)).toBe(403);

    // An operator comes from the headline to the job, and retries it: its events are indexed.
    await ana.getByRole('link', { name: 'See the failed jobs' }).click();
    await ana.getByRole('tab', { name: 'Data' }).click();
    await ana.getByText('payloadKey').waitFor();
    await ana.locator('button:has(> svg.lucide-refresh-cw)').filter({ hasNotText: 'all' }).click();
    await ana.getByRole('button', { name: 'Confirm' }).click();
    await system.drained();
    await ana.goto(url);
    await headline(ana, 'All is well');

    // A dead letter: seen, queued again, refused again, discarded with a reason.
    await system.genesys.addOdd({ kind: 'wrong-shape' });
    await headline(ana, '1 dead letter waits for a person');
    await until('its page has it too', async () => (await system.deadLetters()).length === 1);
    await ana.getByRole('link', { name: 'See the dead letters' }).click();
    await ana.getByLabel('Choose all of this page').check();
    await ana.getByRole('button', { name: 'Queue chosen again' }).click();
    await ana.getByText('1 dead letter queued again.').waitFor();
    await until('it was tried again', async () => (await system.deadLetters())[0]?.attempts === 1);
    await ana.goto(`${url}/dead-letters/audit`);
    await vera.goto(`${url}/dead-letters/audit`);
    await vera.getByText('An operator can queue these again or discard them.').waitFor();
    await shoot(ana, 'system-dead-letters-desktop');
    await shoot(vera, 'system-dead-letters-phone');
    await ana.getByLabel('Choose all of this page').check();
    await ana.getByLabel('Reason for discarding').fill('made by hand for a test');
    await ana.getByRole('button', { name: 'Discard chosen' }).click();
    await ana.getByText('1 dead letter discarded.').waitFor();
    const [letter] = await system.deadLetters();
    expect(letter).toMatchObject({
      status: 'discarded',
      discardReason: 'made by hand for a test',
      by: 'ana',
    });
    await ana.goto(url);
    await headline(ana, 'All is well');

    // All of it stands in the access log.
    await ana.goto(`${url}/access-log`);
    const actions = ana.getByRole('region', { name: 'Actions' }).first();
    for (const action of ['retry', 'requeue', 'discard', 'refused'])
      await actions.getByText(action).first().waitFor();
    await shoot(ana, 'system-access-log-desktop');
    await expectExactlyOnce(system, { deadLettered: 1 });
  } finally {
    await browser.close();
  }
});

/** One with users of its own. @returns its address */
async function startDashboard(system: System): Promise<string> {
  const hash = await hashPassword(password);
  const dashboard = await system.addDashboard({
    DASHBOARD_PORT: '0',
    DASHBOARD_USERS: `ana:operator:${hash},vera:viewer:${hash}`,
  });
  return String((await dashboard.log.waitFor('dashboard.listening'))['url']);
}

function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
}

async function logIn(
  browser: Browser,
  url: string,
  name: string,
  screen: typeof desk | typeof phone,
): Promise<Page> {
  const page = await (await browser.newContext({ ...screen, reducedMotion: 'reduce' })).newPage();
  page.setDefaultTimeout(90_000);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(url);
  await page.getByLabel('User').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('#verdict').waitFor();
  return page;
}

function headline(page: Page, text: string): Promise<void> {
  return page.getByRole('heading', { level: 1, name: text, exact: true }).waitFor();
}

/** Keeps what the page looks like, and finds nothing on it that keeps people out. */
async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
}

/** With the page's own cookie, from its own origin. @returns the status */
function put(page: Page, path: string): Promise<number> {
  return page.evaluate((to) => fetch(to, { method: 'PUT' }).then((answer) => answer.status), path);
}

/** Lets one batch that waits for the gate fail for good, as an unforeseen error would. @returns its id */
async function failOneBatch(system: System): Promise<string> {
  const connection = system.redis.duplicate({ maxRetriesPerRequest: null });
  const failed = Promise.withResolvers<string>();
  const worker = new Worker(
    AUDIT_INDEX,
    () => {
      void worker.pause(true);
      throw new UnrecoverableError('An unforeseen error of this test.');
    },
    { connection: bullConnection(connection), prefix: queuePrefix(system.names.id, AUDIT_INDEX) },
  );
  worker.on('failed', (job) => failed.resolve(job?.id ?? ''));
  const id = await failed.promise;
  await worker.close();
  connection.disconnect();
  return id;
}
