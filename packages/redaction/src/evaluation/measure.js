import { Conversation } from '../text/conversation.js';
import { fold } from '../text/fold.js';
import { DIGITS, WORD } from '../text/lexer.js';
import { readRun, startsNumber } from '../text/number-run.js';
/** UTF-16 offsets of code point offsets. */
function utf16Offsets(text) {
    if (!/[\ud800-\udfff]/.test(text))
        return (offset) => offset;
    const offsets = [];
    let at = 0;
    for (const character of text) {
        offsets.push(at);
        at += character.length;
    }
    offsets.push(at);
    return (offset) => offsets[offset];
}
/**
 * Whether a value can still be read where it stood: four of its digits in a row, or five characters of a mail
 * address's local part, outside of every replaced range.
 */
export function isLeaked(line, value, replaced) {
    const toUtf16 = utf16Offsets(line.text);
    const rest = [];
    for (const [from, to] of value.spans) {
        let at = toUtf16(from);
        const end = toUtf16(to);
        for (const { start, end: stop } of replaced) {
            if (stop <= at || start >= end)
                continue;
            if (start > at)
                rest.push(line.text.slice(at, start));
            at = Math.max(at, stop);
        }
        if (at < end)
            rest.push(line.text.slice(at, end));
    }
    if (value.type === 'EMAIL')
        return rest.some((piece) => readableLocalPart(piece, value.canonical));
    return rest.some((piece) => readableDigits(piece) >= (value.type === 'IBAN' ? 6 : 4));
}
function readableLocalPart(piece, canonical) {
    const local = canonical.split('@')[0].replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
    const readable = fold(piece)
        .text.replace(/[^\p{L}\p{N}]/gu, '')
        .toLowerCase();
    const needed = Math.min(5, local.length);
    for (let at = 0; at + needed <= local.length; at++)
        if (readable.includes(local.slice(at, at + needed)))
            return true;
    return false;
}
const reader = new Conversation();
/** How many digits a piece of text spells, typed or spoken. */
function readableDigits(piece) {
    reader.load([{ speaker: '', text: piece }]);
    const { stream, text } = reader;
    let digits = 0;
    for (let at = 0; at < stream.size;) {
        if (stream.type[at] !== DIGITS && stream.type[at] !== WORD) {
            digits += text.slice(stream.start[at], stream.end[at]).replace(/\D/g, '').length;
            at++;
            continue;
        }
        const run = startsNumber(stream, at) ? readRun(stream, text, at) : null;
        if (run === null) {
            at++;
            continue;
        }
        for (const item of run.items)
            digits += item.digits.length;
        at = run.next;
    }
    return digits;
}
/** The token that covers most of a value, or null. */
export function tokenOver(line, value, replaced) {
    const toUtf16 = utf16Offsets(line.text);
    let best = null;
    let most = 0;
    for (const [from, to] of value.spans) {
        for (const { start, end, token } of replaced) {
            const covered = Math.min(end, toUtf16(to)) - Math.max(start, toUtf16(from));
            if (covered > most) {
                most = covered;
                best = token;
            }
        }
    }
    return best;
}
/** Scores a redactor over labelled lines; groups are `group` and, beneath it, `group/sub`. */
export function measure(lines, redact) {
    const groups = new Map();
    const tokensOf = new Map();
    const canonicalsOf = new Map();
    const failures = [];
    const scoreOf = (name) => {
        let score = groups.get(name);
        if (score === undefined) {
            score = { lines: 0, values: 0, leaked: 0, harmless: 0, harmed: 0 };
            groups.set(name, score);
        }
        return score;
    };
    for (const line of lines) {
        const { redacted, replaced } = redact(line);
        const scores = [scoreOf(line.group), scoreOf(`${line.group}/${line.sub}`)];
        for (const score of scores)
            score.lines++;
        if (line.gold.length === 0) {
            const harmed = redacted !== line.text;
            for (const score of scores) {
                score.harmless++;
                if (harmed)
                    score.harmed++;
            }
            if (harmed)
                failures.push({ line, what: 'harmed', redacted });
            continue;
        }
        for (const value of line.gold) {
            const leaked = isLeaked(line, value, replaced);
            for (const score of scores) {
                score.values++;
                if (leaked)
                    score.leaked++;
            }
            const token = tokenOver(line, value, replaced);
            const canonical = `${value.type} ${value.canonical}`;
            if (leaked)
                failures.push({ line, what: `leaked ${value.type}`, redacted });
            if (token === null)
                continue;
            if (!token.startsWith(`${value.type}-`))
                failures.push({ line, what: `typed ${token} not ${value.type}`, redacted });
            addTo(tokensOf, canonical, token);
            addTo(canonicalsOf, token, canonical);
            if ((tokensOf.get(canonical)?.size ?? 0) > 1 || (canonicalsOf.get(token)?.size ?? 0) > 1) {
                failures.push({ line, what: `token of ${canonical}`, redacted });
            }
        }
    }
    return {
        groups,
        canonicals: tokensOf.size,
        splitCanonicals: [...tokensOf.values()].filter((tokens) => tokens.size > 1).length,
        sharedTokens: [...canonicalsOf.values()].filter((canonicals) => canonicals.size > 1).length,
        failures,
    };
}
function addTo(map, key, value) {
    const set = map.get(key);
    if (set === undefined)
        map.set(key, new Set([value]));
    else
        set.add(value);
}
//# sourceMappingURL=measure.js.map