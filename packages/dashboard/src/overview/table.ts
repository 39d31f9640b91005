import { type Html, html } from '../html/html.ts';

/**
 * A table that scrolls by itself where it is too wide; on a phone each row is a card, whose cells take their names from
 * `data-label`.
 * @param columns name and class of each
 * @param none what is said where there are no rows
 * @param form `figures`: narrow enough for a phone as it is
 */
export function table(
  label: string,
  columns: readonly (readonly [name: string, kind: '' | 'number'])[],
  rows: readonly Html[],
  none: string,
  form: 'rows' | 'figures' = 'rows',
): Html {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="${form}">
<thead><tr>${columns.map(([name, kind]) => html`<th scope="col" class="${kind}">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
