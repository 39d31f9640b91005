import type { Conversation } from '../text/conversation.ts';
import { DIGITS, MIXED, PUNCTUATION, TIGHT, type TokenStream, WORD } from '../text/lexer.ts';
import { type Claim, CONTEXT } from '../types.ts';
import { flagsOfEntry } from '../words/lexicon.ts';
import { LICENCE_CUE, PASSPORT_CUE } from '../words/word-flags.ts';
import { hasCueNear } from './nearby.ts';

/**
 * Passport and driver licence numbers (extended profile). Their forms differ by country and state and look like any
 * reference, so only context tells them: 6 to 12 letters and digits with at least four digits (licences up to 20, in
 * groups joined by hyphens), within a dozen words behind "passport" or "licence", or in answer to such a question.
 */
export function findDocuments(
  conversation: Conversation,
  wanted: { readonly passport: boolean; readonly licence: boolean },
  claims: Claim[],
): void {
  const { stream, text } = conversation;
  for (let at = 0; at < stream.size; at++) {
    if (stream.type[at] !== DIGITS && stream.type[at] !== MIXED) continue;
    const last = compoundEnd(stream, at);
    const value = text.slice(stream.start[at], stream.end[last]).replace(/[^0-9A-Za-z]/g, '');
    const digits = value.replace(/\D/g, '').length;
    if (digits >= 4 && value.length >= 6) {
      const type = documentOf(conversation, at, value.length, wanted);
      if (type !== null)
        claims.push({ type, canonical: value.toUpperCase(), confidence: CONTEXT, first: at, last });
    }
    at = last;
  }
}

function documentOf(
  conversation: Conversation,
  at: number,
  length: number,
  wanted: { readonly passport: boolean; readonly licence: boolean },
): 'PASSPORT' | 'LICENCE' | null {
  const isCue = (flag: number) => (entry: number) => (flagsOfEntry(entry) & flag) !== 0;
  if (wanted.passport && length <= 12 && hasCueNear(conversation, at, isCue(PASSPORT_CUE))) return 'PASSPORT';
  if (wanted.licence && length <= 20 && hasCueNear(conversation, at, isCue(LICENCE_CUE))) return 'LICENCE';
  return null;
}

/** "S123-4567-8901": the last token of pieces joined by tight hyphens. */
function compoundEnd(stream: TokenStream, from: number): number {
  let last = from;
  for (let pieces = 0; pieces < 6 && last + 2 < stream.size; pieces++) {
    const hyphen = last + 1;
    const next = last + 2;
    if (stream.type[hyphen] !== PUNCTUATION || stream.info[hyphen] !== 0x2d) break;
    if (stream.space[hyphen] !== TIGHT || stream.space[next] !== TIGHT) break;
    const type = stream.type[next];
    if (type !== DIGITS && type !== MIXED && type !== WORD) break;
    last = next;
  }
  return last;
}
