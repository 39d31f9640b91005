import type { Conversation } from './conversation.ts';
import { type TokenStream } from './lexer.ts';
/**
 * What the words around a number say that it is.
 *
 * The nearest cue on the left wins; where there is none, the question that was asked before; where there is none,
 * the words behind. A cue is used up by the first value that follows it.
 */
export interface Cue {
    /** Kind flags of the cue, NUMBER_WORD for a bare "number", 0 for none. */
    readonly kind: number;
    /** Content words between cue and number: 0 is "phone number is 555...". */
    readonly distance: number;
    readonly source: 'left' | 'question' | 'right' | 'none';
}
export declare const NO_CUE: Cue;
/**
 * The cue of a number from its three sources.
 * @param left of `leftCue`
 * @param behind of `rightCue`
 * @param asked of `questionCue`; asked for only where the others do not decide
 */
export declare function strongestCue(left: Cue, behind: () => Cue, asked: () => Cue): Cue;
/** The nearest cue before a number's first token (sign and bracket included), within its phrase. */
export declare function leftCue(stream: TokenStream, first: number): Cue;
/** The cue behind a number's last token, within its sentence, unless it announces a value of its own. */
export declare function rightCue(stream: TokenStream, last: number): Cue;
/** The cue of what was said before the phrase that holds a token. */
export declare function questionCue(conversation: Conversation, token: number): Cue;
//# sourceMappingURL=context.d.ts.map