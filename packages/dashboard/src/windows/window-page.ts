import type { ArchiveWindowAct, HeldBackWindow } from '@trunkline/contracts';
import { count, type WindowPicture } from '@trunkline/overview';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { page } from '../html/layout.ts';
import { moment } from '../html/shown.ts';
import { pill } from '../html/tone.ts';

/** A window of which texts do not come, or did not. */
export interface WindowView {
  readonly windowId: string;
  /** `null`: it is not held back. */
  readonly heldBack: HeldBackWindow | null;
  /** `null`: it is not among the last that ended. */
  readonly ended: WindowPicture | null;
  readonly visitor: Visitor;
  readonly now: number;
  /** What was asked for a moment ago. */
  readonly asked: ArchiveWindowAct['kind'] | null;
}

const acts: Record<ArchiveWindowAct['kind'], { button: string; means: string }> = {
  release: {
    button: 'Release',
    means:
      'It goes on without the texts that Genesys does not give. Each is named in its document and counted in the manifest, and the reason stands on the compliance record for good.',
  },
  again: {
    button: 'Fetch once more',
    means:
      'It is fetched from Genesys once more, and what is there now is archived in its place. The reason stands on the compliance record for good.',
  },
};

/** What may be done about a window; `null`: nothing. */
export function actOf({
  heldBack,
  ended,
}: Pick<WindowView, 'heldBack' | 'ended'>): ArchiveWindowAct['kind'] | null {
  if (heldBack !== null) return heldBack.code === 'ARCHIVE_TEXT_NOT_READY' ? 'release' : null;
  return (ended?.missingTexts ?? 0) > 0 ? 'again' : null;
}

export function windowPage(view: WindowView): string {
  const { windowId, visitor, asked } = view;
  return page({
    title: `Window ${windowId} · Trunkline`,
    visitor,
    current: 'overview',
    main: html`<main id="main"><p class="crumbs"><a href="/#windows">Overview</a></p>
<div class="row"><h1 class="id">${windowId}</h1>${stateOf(view)}</div>
${asked === null ? null : html`<p class="flash" role="status">Asked for: a fetcher does it within seconds.</p>`}
<section class="card" aria-labelledby="what"><h2 id="what">What is known of it</h2><dl class="facts">${factsOf(view).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>${decision(view)}</section></main>`,
    script: 'dead-letters.js',
  });
}

function stateOf({ heldBack, ended }: WindowView): Html {
  if (heldBack !== null) return pill('look', 'held back');
  return ended?.status === 'FAILURE' ? pill('bad', 'failed') : pill('good', 'archived');
}

function factsOf({ heldBack, ended, now }: WindowView): (readonly [string, Html | string])[] {
  if (heldBack !== null) {
    const { code, why, since, until, goesOnAt } = heldBack;
    return [
      ['Reason', html`<code>${code}</code>`],
      ['Genesys', why],
      ['Since', html`${moment(Date.parse(since), now)} UTC`],
      ['Looked at again', html`${moment(Date.parse(until), now)} UTC`],
      ['Goes on by itself', goesOnAt === null ? 'no' : html`${moment(Date.parse(goesOnAt), now)} UTC`],
    ];
  }
  const missing = ended?.missingTexts ?? null;
  return [
    ['Ended', ended === null ? 'not known' : html`${moment(Date.parse(ended.at), now)} UTC`],
    ['Missing texts', missing === null ? 'not known' : count(missing)],
  ];
}

function decision(view: WindowView): Html | null {
  const kind = actOf(view);
  if (kind === null) return null;
  const { button, means } = acts[kind];
  if (view.visitor.role !== 'operator')
    return html`<p class="actions quiet">An operator can decide about it.</p>`;
  return html`<form method="post" action="/windows/${encodeURIComponent(view.windowId)}/${kind}"><p>${means}</p><div class="actions"><label class="grow">Reason, without personal data<input type="text" name="reason" maxlength="300" required autocomplete="off"></label><button class="primary" data-confirm="${button}? ${means}">${button}</button></div></form>`;
}
