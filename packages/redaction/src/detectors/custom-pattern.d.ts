import type { PlacedClaim } from '../resolve.ts';
import { Conversation } from '../text/conversation.ts';
/**
 * A pattern of the operator's own: employee numbers, policy numbers. It runs on RE2's engine, whose time is linear in
 * the text whatever the expression, over the folded text (ASCII digits, dashes and spaces), one phrase at a time.
 */
export interface CustomPattern {
    /** The token's type: 2 to 32 capitals, digits, underscores; not one of the engine's own. */
    readonly type: string;
    /** RE2 syntax. A match is the value; where there is a group named `value`, that group is. */
    readonly expression: string;
    readonly ignoreCase?: boolean;
    /** What is hashed: the match as it stands (default), without case, or only its letters and digits without case. */
    readonly canonical?: 'exact' | 'lower-case' | 'letters-and-digits';
    /** Texts in which something must be found, and texts in which nothing may be. Checked when the redactor is made. */
    readonly examples: {
        readonly positive: readonly string[];
        readonly negative: readonly string[];
    };
}
export interface CompiledPattern {
    find(conversation: Conversation, claims: PlacedClaim[]): void;
}
/** @throws RedactionError PATTERN_INVALID, PATTERN_EXAMPLE_FAILED */
export declare function compilePatterns(patterns: readonly CustomPattern[]): CompiledPattern[];
//# sourceMappingURL=custom-pattern.d.ts.map