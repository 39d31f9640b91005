import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { barriers, openBrowser, screens, screenshot } from '../browser.fixture.ts';
import { passwords } from '../dashboard.fixture.ts';
import { type Letters, secrets, startLetters } from './letters.fixture.ts';

let letters: Letters;
let browser: Browser;
let event: string;
let conversation: string;

beforeAll(async () => {
  letters = await startLetters({
    redisUrl: inject('redisUrl'),
    elasticsearchUrl: inject('elasticsearchUrl'),
  });
  for (let n = 0; n < 4; n += 1) event = await letters.auditLetter(`5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a6${n}`);
  await letters.auditLetter('9d1b6f0e-4c8f-4e0a-93b0-6d2f1c7a8e55', 'AUDIT_ID_CONFLICT', null);
  conversation = await letters.archiveLetter(17);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser.close();
  await letters[Symbol.asyncDispose]();
});

test.each(screens)(
  'dead letters and access log fit their screen, and nobody is kept out: %s',
  async (name, viewport, colorScheme) => {
    const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    page.on('dialog', (dialog) => void dialog.accept());
    const { url } = letters.dashboard;
    await page.goto(url);
    await page.getByLabel('User').fill('ana');
    await page.getByLabel('Password').fill(passwords.ana);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('#verdict').waitFor();
    const look = async (what: string): Promise<void> => {
      await screenshot(page, `${what}-${name}`);
      expect(await barriers(page)).toEqual([]);
      const width = await page.locator('html').evaluate((html) => html.scrollWidth);
      expect(width).toBeLessThanOrEqual(viewport.width);
    };

    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Dead letters' }).click();
    await page.locator('select[name=code]').selectOption('AUDIT_EVENT_REFUSED');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('link', { name: event }).waitFor();
    expect(await page.getByText('AUDIT_ID_CONFLICT', { exact: true }).count()).toBe(0);
    await look('dead-letters');

    await page.getByRole('link', { name: event }).click();
    await page.getByText('string of 12 characters').waitFor();
    await look('dead-letter');
    await page.getByRole('button', { name: 'Reveal the event' }).click();
    await page.getByText(secrets.user).waitFor();
    await look('dead-letter-revealed');

    await page.goto(`${url}/dead-letters/archive/${encodeURIComponent(conversation)}`);
    await look('dead-letter-conversation');
    await page.getByRole('link', { name: 'Access log' }).click();
    await page.getByRole('rowheader').first().waitFor();
    await look('access-log');
    await context.close();
  },
);

test('nothing is discarded by Enter in the field of its reason, and choosing nothing is told', async () => {
  const page = await browser.newPage();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(`${letters.dashboard.url}/login?to=/dead-letters/audit`);
  await page.getByLabel('User').fill('ana');
  await page.getByLabel('Password').fill(passwords.ana);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByLabel('Reason for discarding').fill('because');
  await page.getByLabel('Reason for discarding').press('Enter');
  await page.getByRole('button', { name: 'Discard chosen' }).click();
  await page.getByText('Choose the dead letters that are meant').waitFor();
  expect((await letters.index.get(event))?.status).toBe('open');
});
