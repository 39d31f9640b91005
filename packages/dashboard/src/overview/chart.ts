import { type Html, html } from '../html/html.ts';

const width = 200;
const height = 36;

/** A line without axes: the shape of the last two minutes. The figure beside it says the number. */
export function chart(points: readonly (number | null)[]): Html {
  const top = Math.max(1, ...points.filter((point) => point !== null));
  const step = width / Math.max(1, points.length - 1);
  const path = points
    .map((point, index) =>
      point === null ? null : [index * step, height - 2 - (point / top) * (height - 6)],
    )
    .filter((at) => at !== null)
    .map(([x = 0, y = 0], index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
  const start = /^M([\d.]+)/.exec(path)?.[1];
  const area = start === undefined ? '' : `${path}L${width} ${height}L${start} ${height}Z`;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><path class="area" d="${area}"/><path class="line" d="${path}"/></svg>`;
}
