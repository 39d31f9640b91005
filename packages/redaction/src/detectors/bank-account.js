import { DIGITS, PUNCTUATION } from '../text/lexer.js';
import { CONTEXT } from '../types.js';
import { flagsOfEntry } from '../words/lexicon.js';
import { BANK_CUE } from '../words/word-flags.js';
import { hasCueNear } from './nearby.js';
/**
 * Bank account, routing and sort numbers (extended profile): 6 to 17 digits, in groups joined by hyphens or spaces, near
 * "account", "routing", "sort code" and their like. A customer's account at the contact centre's own firm is called
 * an account too and goes with it: that is why this detector is off by default.
 */
export function findAccounts(conversation, claims) {
    const { stream, text } = conversation;
    for (let at = 0; at < stream.size; at++) {
        if (stream.type[at] !== DIGITS)
            continue;
        const last = groupsEnd(stream, at);
        const digits = text.slice(stream.start[at], stream.end[last]).replace(/\D/g, '');
        if (digits.length >= 6 && digits.length <= 17 && hasCueNear(conversation, at, isBankCue)) {
            claims.push({ type: 'ACCOUNT', canonical: digits, confidence: CONTEXT, first: at, last });
        }
        at = last;
    }
}
function isBankCue(entry) {
    return (flagsOfEntry(entry) & BANK_CUE) !== 0;
}
function groupsEnd(stream, from) {
    let last = from;
    for (let groups = 0; groups < 8 && last + 1 < stream.size; groups++) {
        let next = last + 1;
        if (stream.type[next] === PUNCTUATION && stream.info[next] === 0x2d)
            next++;
        if (next >= stream.size || stream.type[next] !== DIGITS)
            break;
        last = next;
    }
    return last;
}
//# sourceMappingURL=bank-account.js.map