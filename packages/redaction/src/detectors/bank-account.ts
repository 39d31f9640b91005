import type { Conversation } from '../text/conversation.ts';
import { DIGITS, PUNCTUATION, type TokenStream } from '../text/lexer.ts';
import { type Claim, CONTEXT } from '../types.ts';
import { flagsOfEntry } from '../words/lexicon.ts';
import { BANK_CUE } from '../words/word-flags.ts';
import { hasCueNear } from './nearby.ts';

/**
 * Bank account, routing and sort numbers (extended profile): 6 to 17 digits, in groups joined by hyphens or spaces, near
 * "account", "routing", "sort code" and their like. A customer's account at the contact centre's own firm is called
 * an account too and goes with it: that is why this detector is off by default.
 */
export function findAccounts(conversation: Conversation, claims: Claim[]): void {
  const { stream, text } = conversation;
  for (let at = 0; at < stream.size; at++) {
    if (stream.type[at] !== DIGITS) continue;
    const last = groupsEnd(stream, at);
    const digits = text.slice(stream.start[at], stream.end[last]).replace(/\D/g, '');
    if (digits.length >= 6 && digits.length <= 17 && hasCueNear(conversation, at, isBankCue)) {
      claims.push({ type: 'ACCOUNT', canonical: digits, confidence: CONTEXT, first: at, last });
    }
    at = last;
  }
}

function isBankCue(entry: number): boolean {
  return (flagsOfEntry(entry) & BANK_CUE) !== 0;
}

function groupsEnd(stream: TokenStream, from: number): number {
  let last = from;
  for (let groups = 0; groups < 8 && last + 1 < stream.size; groups++) {
    let next = last + 1;
    if (stream.type[next] === PUNCTUATION && stream.info[next] === 0x2d) next++;
    if (next >= stream.size || stream.type[next] !== DIGITS) break;
    last = next;
  }
  return last;
}
