import { type Html, html } from '../html/html.ts';
import { count, known } from './figures.ts';

/** One figure with its name and a note, and a drawing where it has one. */
export function tile(
  label: Html | string,
  figure: Html | string,
  note: Html | string,
  drawing: Html | null = null,
): Html {
  return html`<div class="card tile"><h2>${label}</h2><p class="figure">${figure}</p><p class="note">${note}</p>${drawing}</div>`;
}

/** Where totals were read, a name that was never counted is 0. */
export function total(totals: Readonly<Record<string, number>> | undefined, name: string): Html | string {
  return known(totals && (totals[name] ?? 0), count);
}
