import type { PlacedClaim } from './resolve.ts';
import type { Conversation } from './text/conversation.ts';
import { DIGITS, MIXED, PUNCTUATION, SOFT_BREAK, WORD } from './text/lexer.ts';
import type { Claim } from './types.ts';
import { flagsOfEntry } from './words/lexicon.ts';
import { AT, DOT, FILLER, MAIL_JOINER, NUMBER } from './words/word-flags.ts';

const NUMERIC = new Set(['PHONE', 'SSN', 'CARD']);

/** Finds the text ranges of a claim: one a phrase, each from its first to its last token that carries the value. */
export function placeClaim(conversation: Conversation, claim: Claim): PlacedClaim {
  const { stream } = conversation;
  const ranges: Array<[number, number]> = [];
  const numeric = NUMERIC.has(claim.type);
  let from = claim.first;
  for (let at = claim.first; at <= claim.last + 1; at++) {
    if (at <= claim.last && stream.type[at] !== SOFT_BREAK) continue;
    let first = from;
    let last = at - 1;
    // At a phrase's edge fillers and punctuation belong to the speech, not to the value.
    if (from !== claim.first) while (first < last && !carriesValue(conversation, first, numeric)) first++;
    if (at <= claim.last) while (last > first && !carriesValue(conversation, last, numeric)) last--;
    if (first <= last) {
      ranges.push([
        conversation.originalStart(stream.start[first] as number),
        conversation.originalEnd(stream.end[last] as number),
      ]);
    }
    from = at + 1;
  }
  ranges.sort((a, b) => a[0] - b[0]);
  return { ...claim, ranges };
}

function carriesValue(conversation: Conversation, at: number, numeric: boolean): boolean {
  const { stream } = conversation;
  const type = stream.type[at];
  if (type === DIGITS || type === MIXED) return true;
  if (type === PUNCTUATION) {
    const code = stream.info[at];
    // Brackets that open or close a group; '@' and '.' of a mail address.
    return numeric
      ? code === 0x28 || code === 0x29 || code === 0x5b || code === 0x5d
      : code === 0x40 || code === 0x2e;
  }
  if (type !== WORD) return false;
  const flags = flagsOfEntry(stream.info[at] as number);
  return numeric
    ? (flags & NUMBER) !== 0
    : (flags & (AT | DOT | MAIL_JOINER)) !== 0 || (flags & FILLER) === 0;
}
