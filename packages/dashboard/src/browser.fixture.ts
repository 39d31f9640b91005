/** Debian's browser, for tests. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

const desktop = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };

export interface Screen {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme: 'light' | 'dark';
}

/** Every screen that pages are looked at on. */
export const screens: readonly Screen[] = [
  { name: 'desktop-light', viewport: desktop, colorScheme: 'light' },
  { name: 'desktop-dark', viewport: desktop, colorScheme: 'dark' },
  { name: 'phone-light', viewport: phone, colorScheme: 'light' },
  { name: 'phone-dark', viewport: phone, colorScheme: 'dark' },
];

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

/**
 * A page for all tests of a file, in a window of its own: the browser takes more for a window (its own controls are pages too) than
 * for a whole test. Before each test `startAnew` makes it a page that nobody has been on.
 */
export async function openPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  return page;
}

/** Leaves the page it is on, so that its script asks for nothing any more, forgets sessions, and is a light desktop. */
export async function startAnew(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
  await show(page, screens[0] as Screen);
}

export async function show(page: Page, { viewport, colorScheme }: Screen): Promise<void> {
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
}

/** Keeps what the page looks like, as test output. */
export function screenshot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true });
}

/** Colours that fade into each other, as Bull Board's do, have on their way contrasts that nobody chose. */
const faded = `Promise.allSettled(
  document.getAnimations()
    .filter((one) => one.playState === 'running' && Number.isFinite(one.effect.getComputedTiming().endTime))
    .map((one) => one.finished)
).then(() => undefined)`;

/**
 * Shows the page as it stands on one screen after another: what keeps people from using it (see `barriers`), and what is wider than
 * its screen. A line each, with the screen.
 * @param picture what the pictures that are kept are named after; null keeps none
 */
export async function faults(page: Page, picture: string | null, on = screens): Promise<string[]> {
  const found: string[] = [];
  for (const screen of on) {
    await show(page, screen);
    await page.evaluate(faded);
    if (picture !== null) await screenshot(page, `${picture}-${screen.name}`);
    found.push(...(await barriers(page)).map((barrier) => `${screen.name}: ${barrier}`));
    const width = await page.locator('html').evaluate((html) => html.scrollWidth);
    if (width > screen.viewport.width) found.push(`${screen.name}: the page is ${width} px wide`);
  }
  return found;
}

/**
 * What axe-core finds on the page as it stands, of an impact that keeps people from using it (serious, critical): a line each, with
 * the rule and the first places.
 */
async function barriers(page: Page): Promise<string[]> {
  // Past our policy, which lets no page take in a script of others. Once a document: reading it takes a good part of the time.
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
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
