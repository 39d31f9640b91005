import axe from 'axe-core';
import type { Page } from 'playwright-core';

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
