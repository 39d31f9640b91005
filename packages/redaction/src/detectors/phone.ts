import { LINKED, LOOSE, type RunItem } from '../text/number-run.ts';
import { CONTEXT, type Confidence, SHAPE } from '../types.ts';
import { NUMBER_WORD, OTHER_CUE, PHONE_CUE } from '../words/word-flags.ts';
import {
  type Candidate,
  hasCorrection,
  isGroupedAt,
  isIsolated,
  isOnePiece,
  isQuantity,
  isReadOut,
  isSpoken,
  isTied,
} from './candidate.ts';
import { type ParsedPhone, parsePhone, planOf } from './phone-number.ts';

/**
 * Telephone numbers.
 *
 * What is written with '+' is one. Otherwise the conversation's region decides how a national number looks:
 * - North America (+1): ten digits, or eleven with a leading 1. Grouped 3-3-4 they are taken by shape, area codes
 *   that are not assigned (555) included; in one piece, when area and exchange begin with 2 to 9; seven digits when
 *   grouped 3-4, or where a telephone is named.
 * - Elsewhere: what libphonenumber finds valid, with the trunk prefix or in groups where the country dials one; what
 *   it finds possible, with the trunk prefix and in groups.
 * Where a telephone is named or was asked for, any number of plausible length is taken: strict validity leaks.
 * An order, an account or the like named directly before vetoes; so do letters hanging on the digits.
 */
export function phoneAt(candidate: Candidate): { canonical: string; confidence: Confidence } | null {
  const { digits, context, from, to } = candidate;
  if (digits.length < 6 || digits.length > 17) return null;
  for (let i = from + 1; i <= to; i++) if ((context.items[i] as RunItem).plus !== -1) return null;
  if ((context.items[from] as RunItem).plus !== -1) return international(candidate);
  const named = (candidate.cue.kind & PHONE_CUE) !== 0;
  if (!named && (isTied(candidate) || isQuantity(candidate))) return null;
  // "625-714 and 809-441" are two numbers.
  if (!named && candidate.inner === LINKED) return null;
  if (planOf(context.region).callingCode === '1') return northAmerican(candidate, named);
  return national(candidate, named);
}

/** Where nobody writes a national number without its trunk zero: without it, a number is something else. */
const TRUNK_ALWAYS: ReadonlySet<string> = new Set(
  'DE GB FR AT CH NL BE SE FI IE AU NZ JP ZA IL RO HU RS HR SI SK BG GG JE IM LT TW'.split(' '),
);

function parse(candidate: Candidate, number: string): ParsedPhone | null {
  if (candidate.context.parsesLeft <= 0) return null;
  candidate.context.parsesLeft--;
  return parsePhone(number, candidate.context.region);
}

function international(candidate: Candidate): { canonical: string; confidence: Confidence } | null {
  const { digits } = candidate;
  if (digits.length > 15 || candidate.inner > candidate.outer) return null;
  const parsed = parse(candidate, `+${digits}`);
  if (parsed?.valid === true) return { canonical: parsed.e164, confidence: CONTEXT };
  if (digits.length < 8 || !isIsolated(candidate)) return null;
  // An invalid area code behind a country code is still one number with it.
  const whole = (candidate.cue.kind & PHONE_CUE) !== 0 || /^1\d{10}$/.test(digits);
  return { canonical: parsed?.e164 ?? `+${digits}`, confidence: whole ? CONTEXT : SHAPE };
}

/** An order, an invoice or the like is named near enough to be meant. */
function isOther(candidate: Candidate, within: number): boolean {
  const { cue } = candidate;
  return (cue.kind & OTHER_CUE) !== 0 && (cue.kind & PHONE_CUE) === 0 && cue.distance <= within;
}

function northAmerican(
  candidate: Candidate,
  named: boolean,
): { canonical: string; confidence: Confidence } | null {
  const { cue } = candidate;
  // "001 ...": dialled from abroad, as "+1 ...".
  const isDialledFromAbroad = candidate.digits.length === 13 && candidate.digits.startsWith('001');
  const digits = isDialledFromAbroad ? candidate.digits.slice(2) : candidate.digits;
  const dialled = candidate.digits.length - digits.length;
  const length = digits.length;
  if (length === 7) return localNumber(candidate, named);
  const core = length === 10 ? digits : length === 11 && digits.startsWith('1') ? digits.slice(1) : null;
  if (core === null) return foreign(candidate, named);
  const lead = length - 10 + dialled;
  const grouped =
    isGroupedAt(candidate, [lead + 3, lead + 6]) ||
    (lead > 0 && isGroupedAt(candidate, [lead, lead + 3, lead + 6]));
  const plausible = core.charCodeAt(0) > 0x31;
  const dialable = plausible && core.charCodeAt(3) > 0x31;
  const canonical = `+1${core}`;
  const holds =
    candidate.inner <= candidate.outer || (grouped && candidate.inner <= LOOSE) || hasCorrection(candidate);
  if (!holds) return null;
  if (candidate.corrected === true && dialable) return { canonical, confidence: CONTEXT };
  if (grouped && hasAreaInBrackets(candidate)) return { canonical, confidence: CONTEXT };
  if (named || cue.kind === NUMBER_WORD) {
    if (!grouped && !isIsolated(candidate) && !isOnePiece(candidate)) return null;
    return plausible || (named && cue.distance <= 1) ? { canonical, confidence: CONTEXT } : null;
  }
  if (isOther(candidate, grouped ? 1 : 5)) return null;
  if (!plausible) return null;
  if (grouped || isTwoPiece(candidate, lead)) return { canonical, confidence: SHAPE };
  if (!dialable) return null;
  if (isOnePiece(candidate)) return { canonical, confidence: SHAPE };
  if (!isReadOut(candidate) || !isIsolated(candidate)) return null;
  // Typed without a word about it: "4 1 5 5 ..." is a telephone, "72 75 68 70 71" a list.
  const inOnes = candidate.to - candidate.from + 1 === digits.length;
  return inOnes || isSpoken(candidate) ? { canonical, confidence: SHAPE } : null;
}

function hasAreaInBrackets(candidate: Candidate): boolean {
  const { items } = candidate.context;
  for (let i = candidate.from; i <= Math.min(candidate.from + 1, candidate.to); i++) {
    const item = items[i] as RunItem;
    if (item.bracket !== -1 && item.digits.length === 3) return true;
  }
  return false;
}

/** 415-5552671, 415555-2671, 1-4155552671 */
function isTwoPiece(candidate: Candidate, lead: number): boolean {
  return (
    isGroupedAt(candidate, [lead + 3]) ||
    isGroupedAt(candidate, [lead + 6]) ||
    (lead === 1 &&
      (isGroupedAt(candidate, [1]) || isGroupedAt(candidate, [1, 4]) || isGroupedAt(candidate, [1, 7])))
  );
}

function localNumber(
  candidate: Candidate,
  named: boolean,
): { canonical: string; confidence: Confidence } | null {
  const { digits, cue } = candidate;
  const canonical = `local:${digits}`;
  if (!isIsolated(candidate)) return null;
  const dialable = digits.charCodeAt(0) > 0x31;
  const grouped = isGroupedAt(candidate, [3]);
  if (named) return dialable || (grouped && cue.distance <= 1) ? { canonical, confidence: CONTEXT } : null;
  if (!dialable || isOther(candidate, 6)) return null;
  if (cue.kind === NUMBER_WORD) return { canonical, confidence: CONTEXT };
  const separator = (candidate.context.items[candidate.to] as RunItem).gapCharacter;
  const typed = separator === 0x2d || separator === 0x20 || separator === 0x2e;
  if (grouped && typed && !isSpoken(candidate)) return { canonical, confidence: SHAPE };
  // Seven digits read out one by one.
  const readOut = isSpoken(candidate) && candidate.to - candidate.from >= 5;
  return readOut ? { canonical, confidence: SHAPE } : null;
}

/** A number of another country without '+', in a North American conversation. */
function foreign(candidate: Candidate, named: boolean): { canonical: string; confidence: Confidence } | null {
  const { digits, cue } = candidate;
  if (!isIsolated(candidate) || digits.length < 8 || digits.length > 15) return null;
  const prefix = /^(?:011|00)(?=[1-9])/.exec(digits);
  if (prefix !== null && digits.length >= 11) {
    const parsed = parse(candidate, `+${digits.slice(prefix[0].length)}`);
    if (parsed?.valid === true && !isOther(candidate, 1))
      return { canonical: parsed.e164, confidence: CONTEXT };
  }
  if (isEpoch(candidate) || isOther(candidate, 6) || isCompactDate(candidate)) return null;
  if (named && cue.distance <= 4) {
    const parsed = digits.length >= 10 ? parse(candidate, `+${digits}`) : null;
    return { canonical: parsed?.valid === true ? parsed.e164 : `local:${digits}`, confidence: SHAPE };
  }
  const parsed = parseWithoutPlus(candidate, digits);
  return parsed === null ? null : { canonical: parsed.e164, confidence: SHAPE };
}

/** Seconds or milliseconds since 1970, between 2001 and 2033. */
function isEpoch(candidate: Candidate): boolean {
  const { digits } = candidate;
  return isOnePiece(candidate) && (digits.length === 10 || digits.length === 13) && digits.startsWith('1');
}

function national(
  candidate: Candidate,
  named: boolean,
): { canonical: string; confidence: Confidence } | null {
  const { digits, cue, context } = candidate;
  if (!isIsolated(candidate) && !hasCorrection(candidate)) return null;
  const { trunk } = planOf(context.region);
  const hasTrunk = trunk !== '' && digits.startsWith(trunk);
  const groups = candidate.to - candidate.from + 1;
  const first = (context.items[candidate.from] as RunItem).digits;
  if (!named) {
    if (isEpoch(candidate) || isCompactDate(candidate)) return null;
    if (isOther(candidate, hasTrunk && groups > 1 ? 0 : 5)) return null;
  }
  const parsed = parse(candidate, digits) ?? parseWithoutPlus(candidate, digits);
  const canonical = parsed?.e164 ?? `local:${digits}`;
  if (named && parsed?.valid !== true && isCompactDate(candidate)) return null;
  if (named) {
    const near = cue.distance <= 4 || hasTrunk;
    return near && (parsed?.possible === true || digits.length >= 6)
      ? { canonical, confidence: CONTEXT }
      : null;
  }
  if (parsed === null) return null;
  if (cue.kind === NUMBER_WORD) return parsed.possible ? { canonical, confidence: CONTEXT } : null;
  if (parsed.valid) {
    const marked =
      hasTrunk ||
      digits.startsWith('00') ||
      !TRUNK_ALWAYS.has(context.region) ||
      parsed.callingCode === first;
    if (marked && digits.length >= 8) return { canonical, confidence: hasTrunk ? CONTEXT : SHAPE };
    return null;
  }
  const grouped = groups > 1 || isSpoken(candidate) || digits.length >= 10;
  return parsed.possible && hasTrunk && trunk === '0' && grouped && digits.length >= 9
    ? { canonical, confidence: SHAPE }
    : null;
}

/** "44 7409 763988", "49 151 ...": the country code without its sign, as a group of its own. */
function parseWithoutPlus(candidate: Candidate, digits: string): ParsedPhone | null {
  if (
    digits.length < 10 ||
    digits.startsWith('0') ||
    candidate.to === candidate.from ||
    candidate.inner > LOOSE
  )
    return null;
  const code = (candidate.context.items[candidate.from] as RunItem).digits;
  if (code.length > 3) return null;
  const parsed = parse(candidate, `+${digits}`);
  return parsed?.valid === true && parsed.callingCode === code ? parsed : null;
}

/** 20230403, 03042023, 20230403171530 in one piece. */
function isCompactDate(candidate: Candidate): boolean {
  return isOnePiece(candidate) && readsAsDate(candidate.digits);
}

/** Whether digits without separators are a date of the years 1900 to 2099, or one with its time. */
export function readsAsDate(digits: string): boolean {
  if (digits.length === 14 || digits.length === 12) {
    return /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?$/.test(
      digits,
    );
  }
  if (digits.length !== 8) return false;
  return /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$|^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d$/.test(
    digits,
  );
}
