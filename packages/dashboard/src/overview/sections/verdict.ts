import { archiveInUse, auditInUse, type Finding, type Picture, type Verdict } from '@trunkline/overview';
import { type Html, html } from '../../html/html.ts';
import { moment } from '../../html/shown.ts';
import { signOf } from '../../html/tone.ts';
import type { OverviewState } from '../feed.ts';
import { linkOf } from '../links.ts';

const words = { good: 'All is well', look: 'Running; have a look', bad: 'Something is wrong' } as const;

/** So many stand below the worst; the rest behind a click. */
const shownBelow = 4;

/** The title of the page, which a browser shows on its tab. */
export function pageTitle({ verdict }: OverviewState): string {
  const [worst] = verdict.findings;
  return `${worst === undefined ? words.good : worst.title} · Trunkline`;
}

/** What one look tells: whether all is well, and if not, the worst of it with what to do first. */
export function verdictSection({ verdict, picture }: OverviewState): Html {
  const [worst, ...others] = verdict.findings;
  return html`<section id="verdict" class="verdict ${verdict.level}" aria-labelledby="headline">
<div class="sign">${signOf(verdict.level, 28)}</div>
<div class="says">${worst === undefined ? html`<h1 id="headline" aria-live="polite">${words.good}</h1><p>${wellText(picture)}</p>` : headline(verdict, worst)}
${otherFindings(others)}</div>
</section>`;
}

function wellText(picture: Picture | null): string {
  if (picture === null) return 'Nothing is known yet.';
  const parts = [
    ...(auditInUse(picture) ? ['Events get into Elasticsearch'] : []),
    ...(archiveInUse(picture) ? ['windows get into the archive'] : []),
  ];
  const told = parts.join(', ');
  return `${told === '' ? 'Nothing is to be done' : told.charAt(0).toUpperCase() + told.slice(1)}; nothing waits for a person.`;
}

function headline({ level }: Verdict, worst: Finding): Html {
  return html`<p class="level">${words[level]}</p><h1 id="headline" aria-live="polite">${worst.title}</h1>${partsOf(worst)}`;
}

function partsOf({ detail, remedy, place }: Finding): Html {
  const link = place === null ? null : linkOf(place);
  return html`${detail === null ? null : html`<p class="detail">${detail}</p>`}
${remedy === null ? null : html`<p class="remedy"><span class="label">What to do</span> <span>${remedy}</span></p>`}
${link === null ? null : html`<p class="go"><a class="button" href="${link.href}">${link.label}</a></p>`}`;
}

function otherFindings(findings: readonly Finding[]): Html | null {
  if (findings.length === 0) return null;
  const rest = findings.slice(shownBelow);
  return html`<ul class="others" aria-label="Also">${findings.slice(0, shownBelow).map(row)}</ul>
${rest.length === 0 ? null : html`<details class="more"><summary>${rest.length} more</summary><ul class="others">${rest.map(row)}</ul></details>`}`;
}

function row({ level, title, detail, remedy, place }: Finding): Html {
  const link = place === null ? null : linkOf(place);
  const told = link === null ? html`<b>${title}</b>` : html`<a href="${link.href}">${title}</a>`;
  return html`<li class="${level}">${signOf(level, 16)}<div><p>${told}</p>${detail === null ? null : html`<p class="quiet">${detail}</p>`}${remedy === null ? null : html`<p class="quiet">${remedy}</p>`}</div></li>`;
}

/** When the page was right; it changes each second, so that a page that stands still is seen to. */
export function asOf({ picture, readable }: OverviewState): Html {
  if (picture === null) return html`<p id="as-of" class="as-of"></p>`;
  return html`<p id="as-of" class="as-of"><span class="pulse ${readable ? 'live' : 'stale'}"></span>${readable ? 'as of' : 'last known at'} ${moment(picture.takenAt, picture.takenAt)} UTC</p>`;
}
