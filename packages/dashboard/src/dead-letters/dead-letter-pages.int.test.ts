import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { faults, openBrowser, openPage, startAnew } from '../browser.fixture.ts';
import { passwords } from '../dashboard.fixture.ts';
import { type Letters, secrets, startLetters } from './letters.fixture.ts';

let letters: Letters;
let browser: Browser;
let page: Page;
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
  page = await openPage(browser);
  page.on('dialog', (dialog) => void dialog.accept());
});

afterEach(() => startAnew(page));

afterAll(async () => {
  await browser.close();
  await letters[Symbol.asyncDispose]();
});

async function logIn(to: string): Promise<void> {
  await page.goto(`${letters.dashboard.url}/login?to=${to}`);
  await page.getByLabel('User').fill('ana');
  await page.getByLabel('Password').fill(passwords.ana);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('dead letters and access log fit every screen, and nobody is kept out of them', async () => {
  await logIn('/');
  await page.locator('#verdict').waitFor();
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Dead letters' }).click();
  await page.locator('select[name=code]').selectOption('AUDIT_EVENT_REFUSED');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByRole('link', { name: event }).waitFor();
  expect(await page.getByText('AUDIT_ID_CONFLICT', { exact: true }).count()).toBe(0);
  expect(await faults(page, 'dead-letters')).toEqual([]);

  await page.getByRole('link', { name: event }).click();
  await page.getByText('string of 12 characters').waitFor();
  expect(await faults(page, 'dead-letter')).toEqual([]);
  await page.getByRole('button', { name: 'Reveal the event' }).click();
  await page.getByText(secrets.user).waitFor();
  expect(await faults(page, 'dead-letter-revealed')).toEqual([]);

  await page.goto(`${letters.dashboard.url}/dead-letters/archive/${encodeURIComponent(conversation)}`);
  expect(await faults(page, 'dead-letter-conversation')).toEqual([]);
  await page.getByRole('link', { name: 'Access log' }).click();
  await page.getByRole('rowheader').first().waitFor();
  expect(await faults(page, 'access-log')).toEqual([]);
});

test('nothing is discarded by Enter in the field of its reason, and choosing nothing is told', async () => {
  await logIn('/dead-letters/audit');
  await page.getByLabel('Reason for discarding').fill('because');
  await page.getByLabel('Reason for discarding').press('Enter');
  await page.getByRole('button', { name: 'Discard chosen' }).click();
  await page.getByText('Choose the dead letters that are meant').waitFor();
  expect((await letters.index.get(event))?.status).toBe('open');
});
