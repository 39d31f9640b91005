import type { Conversation } from '../text/conversation.ts';
import { DIGITS, HARD_BREAK, MIXED, SOFT_BREAK, WORD } from '../text/lexer.ts';

const TOKENS_BEFORE = 12;
const PHRASES_BEFORE = 2;

/** Whether a word stands within a few tokens before a token, or in one of the two phrases before its own. */
export function hasCueNear(
  conversation: Conversation,
  token: number,
  isCue: (entry: number) => boolean,
): boolean {
  const { stream } = conversation;
  for (let at = token - 1; at >= Math.max(0, token - TOKENS_BEFORE); at--) {
    const type = stream.type[at];
    if (type === HARD_BREAK || type === SOFT_BREAK) break;
    if (type === WORD && isCue(stream.info[at] as number)) return true;
    // The cue belongs to a value that stands between.
    const length = (stream.end[at] as number) - (stream.start[at] as number);
    if ((type === DIGITS || type === MIXED) && length >= 5) return false;
  }
  const phrase = conversation.phraseAt(stream.start[token] as number);
  for (let earlier = phrase - 1; earlier >= Math.max(0, phrase - PHRASES_BEFORE); earlier--) {
    const last = conversation.lastToken(earlier);
    for (let at = last; at >= Math.max(conversation.firstToken(earlier), last - 2 * TOKENS_BEFORE); at--) {
      if (stream.type[at] === WORD && isCue(stream.info[at] as number)) return true;
    }
  }
  return false;
}
