/** Debian's browser, for tests. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

export const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

/** Every screen that pages are looked at on. */
export const screens = [
  ['desktop-light', desktop, 'light'],
  ['desktop-dark', desktop, 'dark'],
  ['phone-light', phone, 'light'],
  ['phone-dark', phone, 'dark'],
] as const;

const screenshots = fileURLToPath(new URL('../../../test-output/screenshots/', import.meta.url));

export async function openBrowser(): Promise<Browser> {
  await mkdir(screenshots, { recursive: true });
  return chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** Keeps what the page looks like, as test output. */
export function screenshot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
}

/**
 * What axe-core finds on the page as it stands, of an impact that keeps people from using it (serious, critical): a line each, with
 * the rule and the first places.
 */
export async function barriers(page: Page): Promise<string[]> {
  // Past our policy, which lets no page take in a script of others.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] })",
  )) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const places = nodes
        .slice(0, 3)
        .map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary})`);
      return `${id}: ${help}: ${places.join(' | ')}`;
    });
}
