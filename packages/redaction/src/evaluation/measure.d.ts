import { type Phrase } from '../text/conversation.ts';
/** One labelled utterance, in the form of `pii-samples.md`. */
export interface LabelledLine {
    readonly id: string;
    readonly group: string;
    readonly sub: string;
    readonly region: string;
    readonly phrases: readonly Phrase[];
    readonly text: string;
    readonly gold: readonly GoldValue[];
}
export interface GoldValue {
    readonly type: string;
    readonly canonical: string;
    /** Code points [start, end) of `text`. */
    readonly spans: ReadonlyArray<readonly [number, number]>;
}
export interface ReplacedRange {
    readonly start: number;
    readonly end: number;
    readonly token: string;
}
/**
 * Whether a value can still be read where it stood: four of its digits in a row, or five characters of a mail
 * address's local part, outside of every replaced range.
 */
export declare function isLeaked(line: LabelledLine, value: GoldValue, replaced: readonly ReplacedRange[]): boolean;
/** The token that covers most of a value, or null. */
export declare function tokenOver(line: LabelledLine, value: GoldValue, replaced: readonly ReplacedRange[]): string | null;
export interface GroupScore {
    lines: number;
    values: number;
    leaked: number;
    harmless: number;
    harmed: number;
}
export interface Score {
    readonly groups: Map<string, GroupScore>;
    /** Values whose canonical form has more than one token, and tokens shared by several canonical forms. */
    readonly canonicals: number;
    readonly splitCanonicals: number;
    readonly sharedTokens: number;
    /** Lines that went wrong, for the person who tunes. */
    readonly failures: Array<{
        line: LabelledLine;
        what: string;
        redacted: string;
    }>;
}
export type RedactLine = (line: LabelledLine) => {
    redacted: string;
    replaced: readonly ReplacedRange[];
};
/** Scores a redactor over labelled lines; groups are `group` and, beneath it, `group/sub`. */
export declare function measure(lines: Iterable<LabelledLine>, redact: RedactLine): Score;
//# sourceMappingURL=measure.d.ts.map