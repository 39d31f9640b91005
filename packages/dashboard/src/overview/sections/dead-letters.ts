import { count, type DeadLettersByCode } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import type { OverviewState } from '../feed.ts';
import { deadLettersLink } from '../links.ts';

/** Dead letters that wait for a person, by code; each leads to its letters. */
export function deadLettersSection({ picture }: OverviewState): Html {
  if (picture === null) return html`<section id="dead-letters" hidden></section>`;
  const { audit, archive } = picture.deadLetters;
  const none = [audit, archive].every((letters) => letters === null || letters.counts.length === 0);
  return html`<section id="dead-letters" class="card" aria-labelledby="dead-letters-title"><h2 id="dead-letters-title"><a href="${deadLettersLink('audit')}">Dead letters</a></h2>
${none ? html`<p class="none">Nothing waits for a person.</p>` : [bars('audit', 'Audit events', audit), bars('archive', 'Conversations', archive)]}</section>`;
}

function bars(pipeline: 'audit' | 'archive', title: string, letters: DeadLettersByCode | null): Html | null {
  if (letters === null || letters.counts.length === 0) return null;
  const most = Math.max(...letters.counts.map(({ count: letters }) => letters));
  return html`<h3 class="small">${title}</h3><ul class="bars">${letters.counts.map(
    ({
      code,
      count: number,
    }) => html`<li><a href="${deadLettersLink(pipeline, code)}"><code>${code}</code><b>${count(number)}</b></a>
<svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="ground" width="100" height="4"/><rect class="bar" width="${Math.max(1, Math.round((100 * number) / most))}" height="4"/></svg></li>`,
  )}</ul>${letters.ofNewest === null ? null : html`<p class="note">of the newest ${count(letters.ofNewest)}</p>`}`;
}
