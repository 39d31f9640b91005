import { type Html, html } from '../html/html.ts';
import { historyMs, type Rate } from './rates.ts';

const width = 200;
const height = 36;

/** A line without axes, from two minutes ago to now. The figure beside it says the number. */
export function chart(points: readonly Rate[]): Html {
  const now = points.at(-1)?.at ?? 0;
  const drawn = points.filter((point) => point.perSecond !== null);
  const top = Math.max(1, ...drawn.map((point) => point.perSecond ?? 0));
  const line = drawn.map(({ at, perSecond }) => {
    const x = width * (1 - (now - at) / historyMs);
    const y = height - 2 - ((perSecond ?? 0) / top) * (height - 6);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  const start = line[0]?.split(' ')[0];
  const path = start === undefined ? '' : `M${line.join('L')}`;
  const area = start === undefined ? '' : `${path}L${width} ${height}L${start} ${height}Z`;
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-hidden="true"><path class="area" d="${area}"/><path class="line" d="${path}"/></svg>`;
}
