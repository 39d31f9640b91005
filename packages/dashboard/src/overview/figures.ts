import { type Html, html } from '../html/html.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** 1,234,567 */
export function count(value: number): string {
  return whole.format(value);
}

/** 12.5; whole from 100 on. */
export function rate(value: number): string {
  return (value >= 100 ? whole : tenths).format(value);
}

/** 40 ms, 12 s, 3 min, 5 h, 2 d: one unit, for one look. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** What is not known is shown as such, never as 0. */
export function known<T>(value: T | null | undefined, show: (value: T) => string): Html | string {
  return value === null || value === undefined
    ? html`<span class="unknown" title="not known">–</span>`
    : show(value);
}

/** 14:02:05 on the day of `now`, 2026-11-21 14:02:05 on another; UTC. */
export function moment(ms: number, now: number): Html {
  const iso = new Date(ms).toISOString();
  const today = iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10);
  return html`<time datetime="${iso}">${today ? iso.slice(11, 19) : iso.slice(0, 19).replace('T', ' ')}</time>`;
}
