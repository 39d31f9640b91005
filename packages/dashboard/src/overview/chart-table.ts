/** The figures of a chart as a table, for whoever reads rather than looks. Pure. */
import type { Point } from '@trunkline/overview';
import { type Html, html } from '../html/html.ts';
import type { ChartFrame, Line } from './chart.ts';
import { table } from './table.ts';

/** Rows of the table: each stands for a stretch of the range. */
const stretches = 12;

/** What a row tells of the values of its stretch. */
export type Sum = 'mean' | 'highest' | 'total';

export function chartTable(frame: ChartFrame, lines: readonly Line[]): Html {
  const { title, from, to, say } = frame;
  const length = (to - from) / stretches;
  const rows = Array.from({ length: stretches }, (_, n) => {
    const [start, end] = [from + n * length, from + (n + 1) * length];
    const figures = lines.map(({ name, points, sum }) => {
      const value = summed(valuesOf(points, start, end), sum);
      return html`<td data-label="${name}" class="number">${value === null ? '–' : say(value)}</td>`;
    });
    return html`<tr><th scope="row">${clock(start)} – ${clock(end)}</th>${figures}</tr>`;
  });
  return html`<details class="figures"><summary>Figures of ${title}</summary>${table(
    `Figures of ${title}`,
    [['UTC', ''], ...lines.map(({ name, sum }) => [`${name}, ${sum}`, 'number'] as const)],
    // The newest first: of most of a day it is the last that is asked for.
    rows.reverse(),
    '',
    'figures',
  )}</details>`;
}

/** Of the stretch (start, end]: samples are of the time before them. */
function valuesOf(points: readonly Point[], start: number, end: number): number[] {
  return points.flatMap(({ at, value }) => (value !== null && at > start && at <= end ? [value] : []));
}

function summed(values: readonly number[], sum: Sum): number | null {
  if (values.length === 0) return null;
  const all = values.reduce((one, other) => one + other, 0);
  switch (sum) {
    case 'mean':
      return all / values.length;
    case 'highest':
      return Math.max(...values);
    case 'total':
      return all;
    default:
      return sum satisfies never;
  }
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 16);
}
