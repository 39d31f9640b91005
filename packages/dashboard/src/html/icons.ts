import { type Html, html } from './html.ts';

/** Drawn on a grid of 24, with strokes of the text's colour. Each stands beside words that say the same. */
const paths = {
  check: 'M20 6 9 17l-5-5',
  alert: 'M12 9v4m0 4h.01M10.3 3.9 1.8 18a2 2 0 0 0 1.7 3h17a2 2 0 0 0 1.7-3L13.7 3.9a2 2 0 0 0-3.4 0Z',
  stop: 'M12 8v5m0 3.5h.01M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8Z',
  arrow: 'M5 12h14m-6-6 6 6-6 6',
  cloud: 'M17.5 19a4.5 4.5 0 0 0 .6-8.96A6.5 6.5 0 0 0 5.6 11.6 3.75 3.75 0 0 0 6.5 19Z',
  fetch: 'M12 3v12m0 0-4.5-4.5M12 15l4.5-4.5M4 20h16',
  queue: 'M4 6h16M4 12h16M4 18h10',
  work: 'M12 3 3 7.5l9 4.5 9-4.5ZM3 12l9 4.5 9-4.5M3 16.5 12 21l9-4.5',
  gate: 'M12 22s8-3.6 8-10V5l-8-3-8 3v7c0 6.4 8 10 8 10ZM8.5 12l2.5 2.5 4.5-5',
  gateShut: 'M12 22s8-3.6 8-10V5l-8-3-8 3v7c0 6.4 8 10 8 10ZM9.5 9.5l5 5m0-5-5 5',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm9.5 2.5L16 16',
  calendar: 'M8 3v4m8-4v4M4 9.5h16M5 5h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z',
  redact: 'M4 6h16v4H4ZM4 14h9v4H4Zm12 2h4',
  bucket: 'M4 6c0 1.7 3.6 3 8 3s8-1.3 8-3-3.6-3-8-3-8 1.3-8 3Zm0 0 1.8 13c.2 1.2 2.9 2 6.2 2s6-.8 6.2-2L20 6',
  window: 'M4 4h16v16H4ZM4 9h16M9 9v11',
  chain:
    'M10 13a4.5 4.5 0 0 0 6.8.5l2.4-2.4a4.5 4.5 0 0 0-6.4-6.4L11.5 6M14 11a4.5 4.5 0 0 0-6.8-.5l-2.4 2.4a4.5 4.5 0 0 0 6.4 6.4l1.3-1.3',
  bell: 'M6 9a6 6 0 1 1 12 0c0 5 2 6.5 2 6.5H4S6 14 6 9Zm4 10.5a2.2 2.2 0 0 0 4 0',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Zm0-14v5l3 2',
} as const;

export type Icon = keyof typeof paths;

export function icon(name: Icon, size = 20): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" width="${size}" height="${size}" aria-hidden="true"><path d="${paths[name]}"/></svg>`;
}
