import { type Html, html } from './html.ts';
import { type Icon, icon } from './icons.ts';

/** How something is doing. `plain`: it has no better or worse. */
export type Tone = 'plain' | 'good' | 'look' | 'bad';

const order: readonly Tone[] = ['plain', 'good', 'look', 'bad'];

/** The tone of what is several things at once. */
export function worst(...tones: readonly Tone[]): Tone {
  return tones.reduce((one, other) => (order.indexOf(one) > order.indexOf(other) ? one : other), 'plain');
}

const signs: Readonly<Record<Exclude<Tone, 'plain'>, Icon>> = { good: 'check', look: 'alert', bad: 'stop' };

/** A word with its colour and, so that nobody needs the colour, a sign. */
export function pill(tone: Tone, word: string): Html {
  const sign = tone === 'plain' ? null : icon(signs[tone], 14);
  return html`<span class="pill ${tone}">${sign}${word}</span>`;
}

export function signOf(tone: Exclude<Tone, 'plain'>, size: number): Html {
  return icon(signs[tone], size);
}
