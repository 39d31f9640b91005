import { leftCue, questionCue, rightCue, strongestCue } from '../text/context.js';
import { PUNCTUATION, TIGHT, WORD } from '../text/lexer.js';
import { CORRECTED, OUTSIDE } from '../text/number-run.js';
import { flagsOfEntry } from '../words/lexicon.js';
import { UNIT } from '../words/word-flags.js';
/** A run with what its detectors share: the conversation, the region, the cues found so far. */
export class RunContext {
    conversation;
    region;
    items;
    left = [];
    right = [];
    question;
    /** Parses of telephone numbers still allowed in this run: bounds the dear part of the work. */
    parsesLeft = 24;
    constructor(conversation, run, region) {
        this.conversation = conversation;
        this.region = region;
        this.items = run.items;
    }
    cue(from, to) {
        const { stream } = this.conversation;
        const first = this.firstToken(from);
        this.left[from] ??= leftCue(stream, first);
        return strongestCue(this.left[from], () => {
            this.right[to] ??= rightCue(stream, this.items[to].last);
            return this.right[to];
        }, () => {
            this.question ??= questionCue(this.conversation, this.items[0].first);
            return this.question;
        });
    }
    /** The first token of a span that begins with an item: its plus sign and opening bracket belong to it. */
    firstToken(from) {
        const item = this.items[from];
        let first = item.first;
        if (item.bracket !== -1)
            first = Math.min(first, item.bracket);
        if (item.plus !== -1)
            first = Math.min(first, item.plus);
        const before = first - 1;
        const { stream } = this.conversation;
        // "(+44 20 ...)": the bracket before the sign.
        if (item.plus !== -1 && before >= 0 && stream.type[before] === PUNCTUATION && stream.info[before] === 0x28) {
            first = before;
        }
        return first;
    }
}
export function itemsOf(candidate) {
    return candidate.context.items.slice(candidate.from, candidate.to + 1);
}
/** One group, typed or spoken. */
export function isOnePiece(candidate) {
    return candidate.from === candidate.to;
}
/** Nothing of the same strength goes on at either side. */
export function isIsolated(candidate) {
    return candidate.outer === OUTSIDE || candidate.inner < candidate.outer;
}
/** Whether any group was spoken. */
export function isSpoken(candidate) {
    for (let i = candidate.from; i <= candidate.to; i++) {
        if (candidate.context.items[i].spoken)
            return true;
    }
    return false;
}
/** Read out digit by digit, or in twos. */
export function isReadOut(candidate) {
    if (candidate.to - candidate.from < 3)
        return false;
    for (let i = candidate.from; i <= candidate.to; i++) {
        const { digits, spoken } = candidate.context.items[i];
        if (digits.length > (spoken ? 4 : 2))
            return false;
    }
    return true;
}
/** Hangs on letters at one of its ends. */
export function isTied(candidate) {
    const { items } = candidate.context;
    return items[candidate.from].tied || items[candidate.to].tied;
}
export function hasCorrection(candidate) {
    return candidate.inner === CORRECTED;
}
/**
 * Whether the digits are grouped at these offsets: there are exactly these groups, or the gaps at the offsets are
 * stronger than all others ("two four four ... six five ... three five nine o").
 */
export function isGroupedAt(candidate, offsets) {
    const { items } = candidate.context;
    let offset = 0;
    let matched = 0;
    let weakestAt = OUTSIDE;
    let strongestElsewhere = 0;
    for (let i = candidate.from; i <= candidate.to; i++) {
        const item = items[i];
        if (i > candidate.from && item.digits !== '') {
            if (offset === offsets[matched]) {
                matched++;
                weakestAt = Math.min(weakestAt, item.gap);
            }
            else {
                strongestElsewhere = Math.max(strongestElsewhere, item.gap);
            }
        }
        offset += item.digits.length;
    }
    return matched === offsets.length && weakestAt > strongestElsewhere;
}
/** A unit of measure directly behind: "4155552 steps". */
export function isQuantity(candidate) {
    const { stream } = candidate.context.conversation;
    const next = candidate.context.items[candidate.to].last + 1;
    if (next >= stream.size || stream.type[next] !== WORD)
        return false;
    return (flagsOfEntry(stream.info[next]) & UNIT) !== 0 && stream.space[next] !== TIGHT;
}
//# sourceMappingURL=candidate.js.map