import type { CountryCode } from 'libphonenumber-js/min';
import { type Cue } from '../text/context.ts';
import type { Conversation } from '../text/conversation.ts';
import { type NumberRun, type RunItem } from '../text/number-run.ts';
/** A run with what its detectors share: the conversation, the region, the cues found so far. */
export declare class RunContext {
    readonly conversation: Conversation;
    readonly region: CountryCode;
    readonly items: readonly RunItem[];
    private readonly left;
    private readonly right;
    private question;
    /** Parses of telephone numbers still allowed in this run: bounds the dear part of the work. */
    parsesLeft: number;
    constructor(conversation: Conversation, run: NumberRun, region: CountryCode);
    cue(from: number, to: number): Cue;
    /** The first token of a span that begins with an item: its plus sign and opening bracket belong to it. */
    firstToken(from: number): number;
}
/** Items [from, to] of a run, looked at as one value. */
export interface Candidate {
    readonly context: RunContext;
    readonly from: number;
    readonly to: number;
    readonly digits: string;
    /** Strongest gap inside. */
    readonly inner: number;
    /** Weaker of the gaps on both sides; OUTSIDE where the run ends on both. */
    readonly outer: number;
    readonly cue: Cue;
}
export declare function itemsOf(candidate: Candidate): readonly RunItem[];
/** One group, typed or spoken. */
export declare function isOnePiece(candidate: Candidate): boolean;
/** Nothing of the same strength goes on at either side. */
export declare function isIsolated(candidate: Candidate): boolean;
/** Whether any group was spoken. */
export declare function isSpoken(candidate: Candidate): boolean;
/** Read out digit by digit, or in twos. */
export declare function isReadOut(candidate: Candidate): boolean;
/** Hangs on letters at one of its ends. */
export declare function isTied(candidate: Candidate): boolean;
export declare function hasCorrection(candidate: Candidate): boolean;
/**
 * Whether the digits are grouped at these offsets: there are exactly these groups, or the gaps at the offsets are
 * stronger than all others ("two four four ... six five ... three five nine o").
 */
export declare function isGroupedAt(candidate: Candidate, offsets: readonly number[]): boolean;
/** A unit of measure directly behind: "4155552 steps". */
export declare function isQuantity(candidate: Candidate): boolean;
//# sourceMappingURL=candidate.d.ts.map