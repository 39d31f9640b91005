import type { RedactOptions, Redactor, Replacement } from '../redactor.ts';
import type { Phrase } from '../text/conversation.ts';

/** One more form of a phrase: another hearing of it, its words, its HTML. */
export interface Hearing {
  readonly text: string;
  /** Told what was found in it, by offsets in `text`. May name further hearings of the same phrase. */
  readonly take: (found: readonly Replacement[]) => readonly Hearing[];
}

/** Phrases before and behind one that are searched with it: values run over a few of them. */
const CONTEXT_PHRASES = 6;

/**
 * Searches the other hearings of a conversation's phrases, each in the place of its phrase, so that values which run over phrases are
 * found in them too. The first hearings of all phrases are searched together, then the second ones, and so on: work grows with the
 * number of hearings, and not with that of the phrases times it.
 *
 * @param hearings by index of the phrase; used up
 */
export function searchHearings(
  redactor: Redactor,
  phrases: readonly Phrase[],
  hearings: Map<number, Hearing[]>,
  options: RedactOptions,
): void {
  while (hearings.size > 0) {
    const heard = new Map<number, Hearing>();
    for (const [index, own] of hearings) {
      const hearing = own.shift();
      if (hearing === undefined) hearings.delete(index);
      else heard.set(index, hearing);
    }
    for (const [from, to] of stretchesAround([...heard.keys()], phrases.length)) {
      const stretch = phrases
        .slice(from, to)
        .map(({ speaker, text }, at) => ({ speaker, text: heard.get(from + at)?.text ?? text }));
      const found = byPhrase(stretch, redactor.replacements(stretch, options));
      found.forEach((own, at) => {
        const more = heard.get(from + at)?.take(own) ?? [];
        if (more.length > 0) hearings.get(from + at)?.push(...more);
      });
    }
  }
}

/** Phrases [from, to) around some of them, in order; neighbours are one stretch. */
function stretchesAround(indexes: readonly number[], length: number): Array<[from: number, to: number]> {
  const stretches: Array<[number, number]> = [];
  for (const index of [...indexes].sort((a, b) => a - b)) {
    const last = stretches[stretches.length - 1];
    const to = Math.min(length, index + CONTEXT_PHRASES + 1);
    if (last !== undefined && index - CONTEXT_PHRASES <= last[1]) last[1] = to;
    else stretches.push([Math.max(0, index - CONTEXT_PHRASES), to]);
  }
  return stretches;
}

/** What was found in each of the phrases, by offsets in its own text. */
export function byPhrase(phrases: readonly Phrase[], found: readonly Replacement[]): Replacement[][] {
  let start = 0;
  let next = 0;
  return phrases.map(({ text }) => {
    const end = start + text.length;
    const own: Replacement[] = [];
    for (let item = found[next]; item !== undefined && item.start < end; item = found[++next])
      own.push({ ...item, start: item.start - start, end: item.end - start });
    start = end + 1;
    return own;
  });
}
