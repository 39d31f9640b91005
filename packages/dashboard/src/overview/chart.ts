/** Charts as SVG in HTML: lines stretch with the page, text does not. Pure. */
import type { Point } from '@trunkline/overview';
import { type Html, html } from '../html/html.ts';
import { chartTable, type Sum } from './chart-table.ts';

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  /** `area`: a line with its ground; `dashed`: a thin line; `bars`: a bar each point. Told apart by form, not by colour alone. */
  readonly form: 'area' | 'dashed' | 'bars';
  readonly tone: 'accent' | 'soft' | 'look';
  /** What the table of figures tells of a stretch. */
  readonly sum: Sum;
}

export interface ChartFrame {
  readonly id: string;
  readonly title: string;
  /** What the axis counts, behind its numbers. */
  readonly unit: string;
  /** ms since 1970. */
  readonly from: number;
  readonly to: number;
  /** A value in words, with its unit. */
  readonly say: (value: number) => string;
  /** The end of the scale for a largest value. */
  readonly top?: (value: number) => number;
}

const width = 600;
const height = 150;
const ticks = 5;

export function chart(frame: ChartFrame, lines: readonly Line[]): Html {
  const { id, title, from, to, say, top: topOf = niceTop } = frame;
  const values = lines.flatMap(({ points }) =>
    points.flatMap(({ value }) => (value === null ? [] : [value])),
  );
  const top = topOf(Math.max(0, ...values));
  const place: Place = ({ at, value }) => ({
    x: (width * (at - from)) / (to - from),
    y: height - ((value ?? 0) / top) * (height - 4),
  });
  return html`<figure class="card chart" id="${id}" data-chart="${JSON.stringify(readable(frame, lines))}">
<figcaption><h3>${title}</h3><ul class="legend">${lines.map((line) => legendOf(line, say))}</ul></figcaption>
<div class="plot" tabindex="0" role="application" aria-roledescription="chart" aria-label="${title}: arrow keys read it, moment by moment"><div class="scale" aria-hidden="true"><span>${say(top)}</span><span>${say(top / 2)}</span><span>0</span></div>
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${title}: ${spoken(lines, say)}">
<path class="grid" d="M0 .5H${width}M0 ${height / 2}H${width}M0 ${height - 0.5}H${width}"/>
${lines.map((line) => drawn(line, place))}</svg>
${values.length === 0 ? html`<p class="empty">No samples yet: one every ten seconds, from now on.</p>` : null}
<div class="readout" hidden></div></div><p class="spoken hidden" role="status"></p>
<div class="times" aria-hidden="true">${timesOf(from, to).map((time) => html`<span>${time}</span>`)}</div>
${chartTable(frame, lines)}</figure>`;
}

/** What the page's script reads where a pointer rests on a chart, or arrow keys move on it. */
function readable({ from, to, unit }: ChartFrame, lines: readonly Line[]): object {
  return {
    from,
    to,
    unit,
    lines: lines.map(({ name, points }) => ({
      name,
      points: points.map(({ at, value }) => [at - from, value === null ? null : rounded(value)]),
    })),
  };
}

type Place = (point: Point) => { x: number; y: number };

function legendOf({ name, form, tone, points }: Line, say: (value: number) => string): Html {
  const last = points.findLast(({ value }) => value !== null)?.value ?? null;
  return html`<li><svg class="key ${tone}" viewBox="0 0 18 10" width="18" height="10" aria-hidden="true">${form === 'bars' ? html`<path class="bars" d="M2 10V5h3v5ZM8 10V1h3v9ZM14 10V3h3v7Z"/>` : html`<path class="${form === 'dashed' ? 'dashed' : 'line'}" d="M0 5H18"/>`}</svg>${name} <b>${last === null ? '–' : say(last)}</b></li>`;
}

function spoken(lines: readonly Line[], say: (value: number) => string): string {
  return lines
    .map(({ name, points }) => {
      const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
      const last = known.at(-1);
      return last === undefined
        ? `${name} not known`
        : `${name} ${say(last)}, at most ${say(Math.max(...known))}`;
    })
    .join('; ');
}

function drawn({ points, form, tone }: Line, place: Place): Html {
  if (form === 'bars') {
    const half = Math.max(0.6, (width / 360) * 0.4);
    const bars = points
      .filter(({ value }) => value !== null && value > 0)
      .map((point) => {
        const { x, y } = place(point);
        return `M${fixed(x - half)} ${height}V${fixed(y)}H${fixed(x + half)}V${height}Z`;
      });
    return html`<path class="bars ${tone}" d="${bars.join('')}"/>`;
  }
  const runs = unbroken(points).map((run) => run.map(place));
  const line = runs.map((run) => `M${run.map(({ x, y }) => `${fixed(x)} ${fixed(y)}`).join('L')}`).join('');
  if (form === 'dashed') return html`<path class="dashed ${tone}" d="${line}"/>`;
  const area = runs
    .map(
      (run) =>
        `M${fixed(run[0]?.x ?? 0)} ${height}L${run.map(({ x, y }) => `${fixed(x)} ${fixed(y)}`).join('L')}L${fixed(run.at(-1)?.x ?? 0)} ${height}Z`,
    )
    .join('');
  return html`<path class="area ${tone}" d="${area}"/><path class="line ${tone}" d="${line}"/>`;
}

/** Stretches of points that are known; of one alone a short dash is drawn. */
function unbroken(points: readonly Point[]): Point[][] {
  const runs: Point[][] = [];
  let run: Point[] = [];
  for (const point of [...points, { at: 0, value: null }]) {
    if (point.value !== null) run.push(point);
    else {
      if (run.length === 1) run.push({ at: (run[0] as Point).at + 1_000, value: (run[0] as Point).value });
      if (run.length > 0) runs.push(run);
      run = [];
    }
  }
  return runs;
}

/** The least of 2, 4, 6, 8, 10, 20, 40 ... that is not below: halves of it are whole too. */
function niceTop(value: number): number {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 4, 6, 8, 10].find((one) => one * power >= value && one * power >= 2) ?? 10;
  return step * power;
}

/** The least of 10 s, 1 min, 10 min, 1 h ... that is not below, in seconds: what people call a round time. */
export function niceTime(seconds: number): number {
  const round = [10, 20, 60, 120, 240, 600, 1_200, 3_600, 7_200, 14_400, 36_000, 86_400];
  return round.find((one) => one >= seconds) ?? niceTop(seconds / 86_400) * 86_400;
}

/** Hours and minutes (UTC) at even distances. */
function timesOf(from: number, to: number): string[] {
  return Array.from({ length: ticks }, (_, n) => {
    const at = from + ((to - from) * n) / (ticks - 1);
    return n === ticks - 1 ? 'now' : new Date(at).toISOString().slice(11, 16);
  });
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
