import type { CountryCode } from 'libphonenumber-js/min';
import { findAccounts } from './detectors/bank-account.ts';
import { findBirthDates } from './detectors/birth-date.ts';
import { type CustomPattern, compilePatterns } from './detectors/custom-pattern.ts';
import { findEmails } from './detectors/email.ts';
import { findIbans } from './detectors/iban.ts';
import { findDocuments } from './detectors/identity-document.ts';
import { findIpAddresses } from './detectors/ip-address.ts';
import { findNumbers } from './detectors/numbers.ts';
import { knownRegion } from './detectors/phone-number.ts';
import { placeClaim } from './place.ts';
import { RedactionError } from './redaction-error.ts';
import { type PlacedClaim, resolveOverlaps } from './resolve.ts';
import { Conversation, type Phrase } from './text/conversation.ts';
import { redactAsGuide } from './tokens/guide.ts';
import { createTokenizer, type TokenSettings } from './tokens/tokenizer.ts';
import { type Claim, type Confidence, type EntityType, EXTENDED_TYPES, STANDARD_TYPES } from './types.ts';
import { ENGINE_VERSION } from './version.ts';

export interface RedactorSettings {
  readonly tokens: TokenSettings;
  /** `canonical` (default): one token for every writing of a value. `guide`: the guide's three expressions. */
  readonly mode?: 'canonical' | 'guide';
  /** `standard` (default): PHONE, EMAIL, SSN, CARD, IBAN. `extended`: IP, DOB, PASSPORT, LICENCE, ACCOUNT too. */
  readonly profile?: 'standard' | 'extended';
  /** Switches single detectors on or off, on top of the profile. */
  readonly detectors?: Partial<Readonly<Record<EntityType, boolean>>>;
  /** Country of conversations that name none, ISO 3166 alpha-2. Default `US`. */
  readonly region?: string;
  /** Patterns of your own; see `CustomPattern`. */
  readonly patterns?: readonly CustomPattern[];
  /**
   * Tuning report. DANGER: it is called with the personal data that was found, in clear. Off by default; for tuning on
   * made-up data only, never where its output is kept.
   */
  readonly reportPersonalDataForTuning?: (entry: TuningEntry) => void;
}

/** What the tuning report tells of one claim. Holds the value in clear. */
export interface TuningEntry {
  readonly type: string;
  readonly confidence: Confidence;
  /** Whether it was redacted; false when another claim won the place. */
  readonly taken: boolean;
  readonly canonical: string;
  readonly matched: readonly string[];
}

/** A token in the output. */
export interface OutputSpan {
  readonly type: string;
  /** UTF-16 offsets [start, end) in the output text. */
  readonly start: number;
  readonly end: number;
}

export interface Redaction {
  readonly text: string;
  /** Values found, by type. A value that runs over two phrases counts once. */
  readonly counts: Readonly<Record<string, number>>;
  readonly spans: readonly OutputSpan[];
  readonly engineVersion: string;
}

export interface ConversationRedaction {
  /** The phrases' texts, in order. */
  readonly phrases: ReadonlyArray<{ readonly text: string; readonly spans: readonly OutputSpan[] }>;
  readonly counts: Readonly<Record<string, number>>;
  readonly engineVersion: string;
}

/** Where a replaced range stands in the joined input, and what stands there now. */
export interface Replacement {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly token: string;
  /** False for the second and later ranges of one value, and for a part of it that is said again. */
  readonly isFirst: boolean;
}

export interface RedactOptions {
  /** Country of this conversation, ISO 3166 alpha-2. */
  readonly region?: string | undefined;
}

/** Finds personal data in text and replaces it by stable tokens. Made by `createRedactor`. */
export interface Redactor {
  /** Redacts one text. Never throws; time is linear in the text's length. */
  redactText(text: string, options?: RedactOptions): Redaction;
  /** Redacts a conversation as a whole: values may run over phrases, questions are context for answers. */
  redactConversation(phrases: readonly Phrase[], options?: RedactOptions): ConversationRedaction;
  /** What would be replaced in the phrases joined by newlines, in order of place. */
  replacements(phrases: readonly Phrase[], options?: RedactOptions): Replacement[];
  /**
   * The token of a value in any writing, so that a person's conversations can be found without reading any.
   * @throws RedactionError VALUE_NOT_RECOGNISED when the value is not of that type
   */
  tokenOf(type: EntityType, value: string, options?: RedactOptions): string;
  /** The token of a text taken whole, for fields that policy tokenises. */
  tokenOfWhole(type: string, value: string): string;
  readonly engineVersion: string;
  readonly keyId: string | null;
}

/**
 * @throws RedactionError TOKEN_KEY_TOO_SHORT, TOKEN_SETTINGS_INVALID, PATTERN_INVALID, PATTERN_EXAMPLE_FAILED
 */
export function createRedactor(settings: RedactorSettings): Redactor {
  const tokenizer = createTokenizer(settings.tokens);
  const fallback = knownRegion(settings.region, 'US');
  const profile: readonly EntityType[] = settings.profile === 'extended' ? EXTENDED_TYPES : STANDARD_TYPES;
  const enabled = new Set<EntityType>(profile);
  for (const [type, on] of Object.entries(settings.detectors ?? {})) {
    if (on) enabled.add(type as EntityType);
    else enabled.delete(type as EntityType);
  }
  const patterns = compilePatterns(settings.patterns ?? []);
  const report = settings.reportPersonalDataForTuning;
  const conversation = new Conversation();

  function find(
    phrases: readonly Phrase[],
    region: CountryCode,
    types: ReadonlySet<EntityType>,
  ): PlacedClaim[] {
    conversation.load(phrases);
    const mayHoldMail = types.has('EMAIL') && conversation.mayHoldMail();
    const mayHoldNumbers = conversation.mayHoldNumbers();
    if (!mayHoldMail && !mayHoldNumbers && patterns.length === 0) return NOTHING;
    const placed: PlacedClaim[] = [];
    const place = (claims: readonly Claim[]): void => {
      for (const claim of claims) placed.push(placeClaim(conversation, claim));
    };
    const addresses: Claim[] = [];
    if (mayHoldMail) findEmails(conversation, addresses);
    if (types.has('IBAN') && conversation.mayHoldIban()) findIbans(conversation, addresses);
    place(addresses);
    // Words and digits inside an address are no context and no number for what stands beside it.
    for (const { first, last } of addresses) conversation.markFound(first, last);
    const claims: Claim[] = [];
    if (mayHoldNumbers && (types.has('PHONE') || types.has('SSN') || types.has('CARD'))) {
      findNumbers(
        conversation,
        { region, phone: types.has('PHONE'), ssn: types.has('SSN'), card: types.has('CARD') },
        claims,
      );
    }
    if (types.has('IP')) findIpAddresses(conversation, claims);
    if (types.has('DOB')) findBirthDates(conversation, claims);
    if (types.has('PASSPORT') || types.has('LICENCE')) {
      findDocuments(conversation, { passport: types.has('PASSPORT'), licence: types.has('LICENCE') }, claims);
    }
    if (types.has('ACCOUNT')) findAccounts(conversation, claims);
    place(claims);
    if (placed.length === 0 && patterns.length === 0) return NOTHING;
    for (const pattern of patterns) pattern.find(conversation, placed);
    const winners = resolveOverlaps(placed);
    if (report !== undefined) reportAll(report, conversation.original, placed, new Set(winners));
    return winners;
  }

  function replacements(phrases: readonly Phrase[], options?: RedactOptions): Replacement[] {
    if (settings.mode === 'guide') {
      return redactAsGuide(phrases.map((phrase) => phrase.text).join('\n'), tokenizer).replacements;
    }
    const found: Replacement[] = [];
    let ordered = true;
    const region = options?.region === undefined ? fallback : knownRegion(options.region, fallback);
    for (const claim of find(phrases, region, enabled)) {
      const token = tokenizer.token(claim.type, claim.canonical);
      claim.ranges.forEach(([start, end], index) => {
        ordered &&= found.length === 0 || (found[found.length - 1] as Replacement).end <= start;
        found.push({
          type: claim.type,
          start,
          end,
          token,
          isFirst: index === 0 && claim.isFragment !== true,
        });
      });
    }
    return ordered ? found : found.sort((a, b) => a.start - b.start);
  }

  function redactText(text: string, options?: RedactOptions): Redaction {
    if (settings.mode === 'guide') {
      const { output, spans, counts } = redactAsGuide(text, tokenizer);
      return { text: output, spans, counts, engineVersion: ENGINE_VERSION };
    }
    const found = replacements([{ speaker: '', text }], options);
    if (found.length === 0) return { text, counts: {}, spans: [], engineVersion: ENGINE_VERSION };
    const { output, spans } = splice(text, 0, found);
    return { text: output, spans, counts: countOf(found), engineVersion: ENGINE_VERSION };
  }

  function redactConversation(phrases: readonly Phrase[], options?: RedactOptions): ConversationRedaction {
    if (settings.mode === 'guide') {
      const counts: Record<string, number> = {};
      const redacted = phrases.map(({ text }) => {
        const { output, spans, counts: own } = redactAsGuide(text, tokenizer);
        for (const [type, count] of Object.entries(own)) counts[type] = (counts[type] ?? 0) + count;
        return { text: output, spans };
      });
      return { phrases: redacted, counts, engineVersion: ENGINE_VERSION };
    }
    const found = replacements(phrases, options);
    let offset = 0;
    let next = 0;
    const redacted = phrases.map(({ text }) => {
      const end = offset + text.length;
      const own: Replacement[] = [];
      for (let item = found[next]; item !== undefined && item.start < end; item = found[++next])
        own.push(item);
      const { output, spans } = splice(text, offset, own);
      offset = end + 1;
      return { text: output, spans };
    });
    return { phrases: redacted, counts: countOf(found), engineVersion: ENGINE_VERSION };
  }

  function tokenOf(type: EntityType, value: string, options: RedactOptions = {}): string {
    // The value is read as the engine would read it in a conversation, behind the words that announce it.
    const phrase = { speaker: '', text: `${ANNOUNCEMENTS[type]} ${value.trim()}` };
    const claims = find([phrase], knownRegion(options.region, fallback), new Set<EntityType>([type]));
    const claim = claims.find((found) => found.type === type);
    if (claim === undefined) {
      throw new RedactionError(
        'VALUE_NOT_RECOGNISED',
        `The value is not recognised as ${type}: check its writing and the region.`,
      );
    }
    return tokenizer.token(type, claim.canonical);
  }

  return {
    redactText,
    redactConversation,
    replacements,
    tokenOf,
    tokenOfWhole: (type, value) => tokenizer.token(type, value),
    engineVersion: ENGINE_VERSION,
    keyId: tokenizer.keyId,
  };
}

const NOTHING: PlacedClaim[] = [];

const ANNOUNCEMENTS: Readonly<Record<EntityType, string>> = {
  PHONE: 'phone',
  EMAIL: 'email',
  SSN: 'ssn',
  CARD: 'card',
  IBAN: 'iban',
  IP: 'ip',
  DOB: 'date of birth',
  PASSPORT: 'passport number',
  LICENCE: 'driver licence number',
  ACCOUNT: 'bank account number',
};

function splice(
  text: string,
  offset: number,
  found: readonly Replacement[],
): { output: string; spans: OutputSpan[] } {
  let output = '';
  let from = 0;
  const spans: OutputSpan[] = [];
  for (const { type, start, end, token } of found) {
    output += text.slice(from, start - offset);
    spans.push({ type, start: output.length, end: output.length + token.length });
    output += token;
    from = end - offset;
  }
  return { output: output + text.slice(from), spans };
}

function countOf(found: readonly Replacement[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type, isFirst } of found) if (isFirst) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function reportAll(
  report: (entry: TuningEntry) => void,
  original: string,
  placed: readonly PlacedClaim[],
  winners: ReadonlySet<PlacedClaim>,
): void {
  for (const claim of placed) {
    report({
      type: claim.type,
      confidence: claim.confidence,
      taken: winners.has(claim),
      canonical: claim.canonical,
      matched: claim.ranges.map(([start, end]) => original.slice(start, end)),
    });
  }
}
