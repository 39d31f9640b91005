import type { Pipeline } from '@trunkline/contracts';
import type { Visitor } from '../access/sessions.ts';
import { type Html, html } from '../html/html.ts';
import { page } from '../html/layout.ts';

/** One dead letter, of either pipeline. */
export interface LetterView {
  readonly pipeline: Pipeline;
  readonly id: string;
  readonly visitor: Visitor;
  readonly code: string;
  readonly status: Html;
  /** Whether it waits for a decision. */
  readonly isOpen: boolean;
  readonly facts: readonly (readonly [name: string, value: Html | string])[];
  readonly what: 'event' | 'conversation';
  /** What may be shown of it without revealing a value. */
  readonly shape: Html;
  /** Its source text, where an operator has asked for it. */
  readonly revealed: string | null;
  readonly canReveal: boolean;
  readonly canDiscard: boolean;
}

/** What discarding means, told before it is done. */
export const discarding: Record<Pipeline, string> = {
  audit: 'They will not be indexed; each is kept with the reason.',
  archive:
    'They will not be archived: the reason goes on the compliance record, and their text is deleted for good.',
};

export function letterPage(view: LetterView): string {
  const { pipeline, id, visitor, code, status, facts, what, shape, revealed } = view;
  return page({
    title: `Dead letter ${id} · Trunkline`,
    visitor,
    current: 'dead-letters',
    main: html`<main id="main"><p class="crumbs"><a href="/dead-letters/${pipeline}">Dead letters</a> <span aria-hidden="true">/</span> <a href="/dead-letters/${pipeline}?code=${encodeURIComponent(code)}">${code}</a></p>
<div class="row"><h1 class="id">${id}</h1>${status}</div>
<div class="grid two"><section class="card" aria-labelledby="why"><h2 id="why">Why it is one</h2><dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>${decisions(view)}</section>
<section class="card" aria-labelledby="what"><h2 id="what">${revealed === null ? `The ${what}, values masked` : `The ${what}, in plain`}</h2>${revealed === null ? html`${shape}${reveal(view)}` : html`<p class="flash bad">This shows personal data. That you have seen it stands in the access log.</p><pre tabindex="0">${revealed}</pre><p class="actions"><a class="button" href="/dead-letters/${pipeline}/${encodeURIComponent(id)}">Mask it again</a></p>`}</section></div></main>`,
    script: 'dead-letters.js',
  });
}

function reveal({ pipeline, id, visitor, what, canReveal }: LetterView): Html | null {
  if (!canReveal) return null;
  if (visitor.role !== 'operator') {
    return html`<p class="actions quiet">An operator can reveal its values; that stands in the access log.</p>`;
  }
  return html`<form class="actions" method="post" action="/dead-letters/${pipeline}/${encodeURIComponent(id)}/reveal"><button data-confirm="Show this ${what} in plain? It may hold personal data. Your name, the time and this dead letter go into the access log.">Reveal the ${what}</button><span class="quiet">Written to the access log.</span></form>`;
}

function decisions({ pipeline, id, visitor, isOpen, canDiscard }: LetterView): Html | null {
  if (!isOpen || visitor.role !== 'operator') return null;
  const to = (action: string): string => `/dead-letters/${pipeline}/${action}`;
  return html`<form method="post"><input type="hidden" name="id" value="${id}"><div class="actions"><button class="primary" formaction="${to('requeue')}" name="scope" value="chosen">Queue again</button></div>
${canDiscard ? html`<div class="actions"><label class="grow">Reason for discarding<input type="text" name="reason" maxlength="300" autocomplete="off"></label><button class="danger" formaction="${to('discard')}" name="scope" value="chosen" data-confirm="Discard this dead letter? ${discarding[pipeline]}">Discard</button></div>` : null}</form>`;
}
