import { RE2JS } from 're2js';
import { RedactionError } from '../redaction-error.ts';
import type { PlacedClaim } from '../resolve.ts';
import { Conversation } from '../text/conversation.ts';
import { SHAPE } from '../types.ts';

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
  readonly examples: { readonly positive: readonly string[]; readonly negative: readonly string[] };
}

export interface CompiledPattern {
  find(conversation: Conversation, claims: PlacedClaim[]): void;
}

const OWN_TYPES = new Set([
  'PHONE',
  'EMAIL',
  'SSN',
  'CARD',
  'IBAN',
  'IP',
  'DOB',
  'PASSPORT',
  'LICENCE',
  'ACCOUNT',
]);

/** @throws RedactionError PATTERN_INVALID, PATTERN_EXAMPLE_FAILED */
export function compilePatterns(patterns: readonly CustomPattern[]): CompiledPattern[] {
  const compiled = patterns.map(compilePattern);
  patterns.forEach((pattern, index) => {
    checkExamples(pattern, compiled[index] as CompiledPattern);
  });
  return compiled;
}

function compilePattern(pattern: CustomPattern): CompiledPattern {
  const { type, expression } = pattern;
  if (!/^[A-Z][A-Z0-9_]{1,31}$/.test(type) || OWN_TYPES.has(type)) {
    throw new RedactionError(
      'PATTERN_INVALID',
      `The pattern type "${type}" must be 2 to 32 capitals, digits or underscores and none of the engine's own types.`,
    );
  }
  let re2: RE2JS;
  try {
    re2 = RE2JS.compile(expression, pattern.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (cause) {
    throw new RedactionError(
      'PATTERN_INVALID',
      `The expression of pattern ${type} is not valid RE2 syntax.`,
      { cause },
    );
  }
  const hasValueGroup = /\(\?P?<value>/.test(expression);
  const canonicalise = canonicaliser(pattern.canonical ?? 'exact');
  return {
    find(conversation, claims) {
      for (const [from, to] of conversation.phraseRanges()) {
        const text = conversation.text.slice(from, to);
        const matcher = re2.matcher(text);
        while (matcher.find()) {
          const start = hasValueGroup ? matcher.start('value') : matcher.start();
          const end = hasValueGroup ? matcher.end('value') : matcher.end();
          // An empty match, or a `value` group that took no part, is no value.
          if (start < 0 || end <= start) continue;
          claims.push({
            type,
            canonical: canonicalise(text.slice(start, end)),
            confidence: SHAPE,
            first: -1,
            last: -1,
            ranges: [[conversation.originalStart(from + start), conversation.originalEnd(from + end)]],
          });
        }
      }
    },
  };
}

function canonicaliser(form: 'exact' | 'lower-case' | 'letters-and-digits'): (value: string) => string {
  if (form === 'exact') return (value) => value;
  if (form === 'lower-case') return (value) => value.toLowerCase();
  return (value) => value.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

function checkExamples(pattern: CustomPattern, compiled: CompiledPattern): void {
  const conversation = new Conversation();
  const finds = (text: string): boolean => {
    conversation.load([{ speaker: '', text }]);
    const claims: PlacedClaim[] = [];
    compiled.find(conversation, claims);
    return claims.length > 0;
  };
  const { positive, negative } = pattern.examples;
  if (positive.length === 0 || negative.length === 0) {
    throw new RedactionError(
      'PATTERN_EXAMPLE_FAILED',
      `Pattern ${pattern.type} needs at least one positive and one negative example.`,
    );
  }
  const missed = positive.findIndex((text) => !finds(text));
  if (missed !== -1) {
    throw new RedactionError(
      'PATTERN_EXAMPLE_FAILED',
      `Pattern ${pattern.type} finds nothing in its positive example ${missed + 1}.`,
    );
  }
  const harmed = negative.findIndex(finds);
  if (harmed !== -1) {
    throw new RedactionError(
      'PATTERN_EXAMPLE_FAILED',
      `Pattern ${pattern.type} matches its negative example ${harmed + 1}.`,
    );
  }
}
