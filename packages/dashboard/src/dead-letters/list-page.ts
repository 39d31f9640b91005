/** The frame that both pipelines' lists of dead letters share: tabs, filter, what can be done. */
import type { Pipeline } from '@trunkline/contracts';
import { count } from '@trunkline/overview';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { icon } from '../html/icons.ts';
import { page } from '../html/layout.ts';
import type { Progress } from './decide.ts';

/** What was done a moment ago, told once above the list. */
export interface Done extends Progress {
  readonly action: 'requeue' | 'discard';
  /** There are more than one request may take. */
  readonly more: boolean;
}

export interface ListFrame {
  readonly pipeline: Pipeline;
  readonly visitor: Visitor;
  /** Codes to choose from, with how many wait. */
  readonly codes: readonly { readonly code: string; readonly count: number }[];
  readonly code: string | null;
  /** What the rows are filtered by besides, by name; decisions about all of them are about these. */
  readonly filter: Readonly<Record<string, string>>;
  /** Further fields of the filter. */
  readonly filters: Html;
  /** The table, and where it is empty nothing. */
  readonly rows: Html | null;
  /** A link to the next page, where there is one. */
  readonly next: string | null;
  readonly done: Done | null;
  /** Why nothing can be shown or done here; `null`: it can. */
  readonly trouble: string | null;
  /** What discarding means; `null`: it cannot be done here. */
  readonly discarding: string | null;
  /** Whether letters that are meant are open: only those can be decided about. */
  readonly decidable: boolean;
  /** A decision about all of a filter that is under way, or has ended a moment ago. */
  readonly run: Html | null;
  /** Whether one is under way: there is no second one beside it. */
  readonly isRunning: boolean;
}

export function listPage(frame: ListFrame): string {
  const { pipeline, visitor, trouble, rows, next, done } = frame;
  return page({
    title: 'Dead letters · Trunkline',
    visitor,
    current: 'dead-letters',
    main: html`<main id="main"><div class="head"><h1>Dead letters</h1><p class="quiet">What could not be stored is kept whole and encrypted until a person decides. Mend the cause, then queue it again.</p></div>
<nav class="tabs" aria-label="Pipelines">${tab('audit', 'Audit events', pipeline)}${tab('archive', 'Conversations', pipeline)}</nav>
${done === null ? null : flash(done)}
${frame.run}
${trouble === null ? null : html`<p class="flash bad" role="alert">${trouble}</p>`}
${filterForm(frame)}
<section class="card" aria-label="Dead letters"><form method="post">
${rows ?? empty(frame)}
${next === null ? null : html`<p class="pager"><a class="button" href="${next}">Next page</a></p>`}
${rows === null ? null : decisions(frame)}</form></section></main>`,
    script: 'dead-letters.js',
  });
}

function tab(of: Pipeline, words: string, current: Pipeline): Html {
  return html`<a href="/dead-letters/${of}"${of === current ? html` aria-current="page"` : null}>${words}</a>`;
}

function flash({ action, done, skipped, more }: Done): Html {
  const verb = action === 'requeue' ? 'queued again' : 'discarded';
  const rest = skipped === 0 ? '' : ` ${count(skipped)} left as they are: dealt with before, or under way.`;
  const further = more ? ' There are more: do it again.' : '';
  return html`<p class="flash" role="status">${count(done)} ${done === 1 ? 'dead letter' : 'dead letters'} ${verb}.${rest}${further}</p>`;
}

function filterForm({ pipeline, codes, code, filters }: ListFrame): Html {
  const chosen = code !== null && !codes.some((one) => one.code === code) ? [{ code, count: 0 }] : [];
  return html`<form class="filters" method="get" action="/dead-letters/${pipeline}">
<label>Reason<select name="code"><option value="">all reasons</option>${[...chosen, ...codes].map((one) => html`<option value="${one.code}"${one.code === code ? html` selected` : null}>${one.code} (${count(one.count)})</option>`)}</select></label>
${filters}<button>Filter</button></form>`;
}

function empty({ trouble, code }: ListFrame): Html | null {
  if (trouble !== null) return null;
  const told = code === null ? 'Nothing waits for a person.' : 'Nothing with this filter waits for a person.';
  return html`<div class="empty-state">${icon('check', 32)}<p><b>No dead letters</b></p><p class="quiet">${told}</p></div>`;
}

function decisions({
  pipeline,
  visitor,
  code,
  filter,
  discarding,
  decidable,
  isRunning,
}: ListFrame): Html | null {
  if (!decidable) return null;
  if (visitor.role !== 'operator') {
    return html`<p class="actions quiet">An operator can queue these again or discard them.</p>`;
  }
  const to = (action: string): string => `/dead-letters/${pipeline}/${action}`;
  const words = [...(code === null ? [] : [code]), ...Object.values(filter)];
  const meant = words.length === 0 ? 'all' : `all of ${words.join(', ')}`;
  const hidden = Object.entries({ ...(code === null ? {} : { code }), ...filter });
  const discard =
    discarding === null
      ? null
      : html`<label class="grow">Reason for discarding<input type="text" name="reason" maxlength="300" autocomplete="off" placeholder="sent twice, ticket 4711"></label>
<button class="danger" formaction="${to('discard')}" name="scope" value="chosen" data-confirm="Discard the chosen dead letters? ${discarding}">Discard chosen</button>
${code === null || isRunning ? null : html`<button class="danger" formaction="${to('discard')}" name="scope" value="all" data-confirm="Discard ${meant}? ${discarding}">Discard ${meant}</button>`}`;
  return html`${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}<div class="actions">
<button class="primary" formaction="${to('requeue')}" name="scope" value="chosen">Queue chosen again</button>
${isRunning ? null : html`<button formaction="${to('requeue')}" name="scope" value="all" data-confirm="Queue ${meant} again?">Queue ${meant} again</button>`}</div>
${discard === null ? null : html`<div class="actions">${discard}</div>`}`;
}

/** The box that chooses a letter. */
export function chooser(id: string): Html {
  return html`<input type="checkbox" name="id" value="${id}" aria-label="Choose ${id}">`;
}
