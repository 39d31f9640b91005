import { type Html, html } from './html.ts';

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
