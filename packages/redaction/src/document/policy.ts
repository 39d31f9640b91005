import { RedactionError } from '../redaction-error.ts';

/**
 * What happens to the value at a path of a document.
 * - `redact`: strings are searched, numbers in fields that hold telephone, card or social security numbers too.
 * - `tokenise`: the whole value becomes one token; addresses in their canonical form, so that they equal those in text.
 * - `drop`: the value becomes null (the member stays, so that the document keeps its shape).
 * - `keep`: nothing beneath is looked at.
 */
export type PolicyAction = 'redact' | 'tokenise' | 'drop' | 'keep';

export interface PolicyRule {
  /**
   * Member names from the root, joined by dots; `*` stands for one name or index, `**` for any number of them.
   * `**.ani`, `participants.*.attributes.loyalty`.
   */
  readonly path: string;
  readonly action: PolicyAction;
  /** Type of the tokens that `tokenise` makes of values that are no address. Default `VALUE`. */
  readonly type?: string;
}

/** Rules in order of precedence: the first that fits decides. What none names is redacted. */
export type DocumentPolicy = readonly PolicyRule[];

const addresses = [
  'ani',
  'dnis',
  'sessionDnis',
  'addressFrom',
  'addressTo',
  'addressSelf',
  'addressOther',
  'remote',
  'callbackNumber',
  'callbackNumbers.*',
  'cc.*',
  'bcc.*',
  'destinationAddresses.*',
  'fromAddress',
  'toAddress',
  'channel.from.id',
  'channel.to.id',
  'from.email',
  'replyTo.email',
  'to.*.email',
];
const names = [
  'participantName',
  'remoteName',
  'remoteNameDisplayable',
  'callbackUserName',
  // Of messages: the person at the other end of the channel, and who wrote.
  'nickname',
  'firstName',
  'lastName',
  'createdBy.name',
  // Of mails: those they went between.
  'from.name',
  'replyTo.name',
  'to.*.name',
  'cc.*.name',
  'bcc.*.name',
];

/**
 * The default, for conversations of the analytics API, transcripts, messages and mails of Genesys Cloud: fields that hold an
 * address or a person's name are tokenised whole; everything else (`attributes`, `wrapUpNote`, `subject`, phrases,
 * words, bodies) is searched.
 */
export const GENESYS_POLICY: DocumentPolicy = [
  ...addresses.map((path): PolicyRule => ({ path: `**.${path}`, action: 'tokenise', type: 'ADDRESS' })),
  ...names.map((path): PolicyRule => ({ path: `**.${path}`, action: 'tokenise', type: 'NAME' })),
];

/** A place in a document, linked upwards: a copy of all names at every level would be quadratic in deep documents. */
export interface Path {
  readonly name: string;
  readonly parent: Path | null;
}

export interface CompiledPolicy {
  /** The rule for a path, or null. */
  ruleOf(path: Path): PolicyRule | null;
}

/** Names that a rule is held against, from the leaf upwards. Deeper paths lose their beginning. */
const MAX_DEPTH = 128;

function namesOf(path: Path): string[] {
  const names: string[] = [];
  for (let at: Path | null = path; at !== null && names.length < MAX_DEPTH; at = at.parent)
    names.push(at.name);
  return names.reverse();
}

/** @throws RedactionError POLICY_INVALID */
export function compilePolicy(policy: DocumentPolicy): CompiledPolicy {
  // Rules by their last name: a document has few kinds of names, most of which no rule mentions.
  const rules = policy.map((rule, order) => ({ rule, order, segments: segmentsOf(rule) }));
  const byLast = new Map<string, typeof rules>();
  const anyLast = rules.filter(({ segments }) => isWild(segments[segments.length - 1] as string));
  for (const entry of rules) {
    const last = entry.segments[entry.segments.length - 1] as string;
    if (!isWild(last)) byLast.set(last, [...(byLast.get(last) ?? []), entry]);
  }
  return {
    ruleOf(path) {
      const named = byLast.get(path.name);
      if (named === undefined && anyLast.length === 0) return null;
      const names = namesOf(path);
      let best: (typeof rules)[number] | null = null;
      for (const entry of [...(named ?? []), ...anyLast]) {
        if ((best === null || entry.order < best.order) && fits(entry.segments, names)) best = entry;
      }
      return best?.rule ?? null;
    },
  };
}

function isWild(segment: string): boolean {
  return segment === '*' || segment === '**';
}

function segmentsOf(rule: PolicyRule): string[] {
  const segments = rule.path.split('.');
  if (segments.some((segment) => segment === '')) {
    throw new RedactionError('POLICY_INVALID', `The policy path "${rule.path}" has an empty part.`);
  }
  if (!['redact', 'tokenise', 'drop', 'keep'].includes(rule.action)) {
    throw new RedactionError('POLICY_INVALID', `The policy path "${rule.path}" has an unknown action.`);
  }
  if (rule.type !== undefined && !/^[A-Z][A-Z0-9_]{1,31}$/.test(rule.type)) {
    throw new RedactionError(
      'POLICY_INVALID',
      `The token type of policy path "${rule.path}" must be capitals, digits, underscores.`,
    );
  }
  return segments;
}

/** Glob matching from the left, greedy in `**` with one point to go back to: time at most names times segments. */
function fits(segments: readonly string[], path: readonly string[]): boolean {
  let s = 0;
  let p = 0;
  let starSegment = -1;
  let starPath = -1;
  while (p < path.length) {
    if (segments[s] === '**') {
      starSegment = s++;
      starPath = p;
    } else if (s < segments.length && (segments[s] === '*' || segments[s] === path[p])) {
      s++;
      p++;
    } else if (starSegment !== -1) {
      s = starSegment + 1;
      p = ++starPath;
    } else {
      return false;
    }
  }
  while (segments[s] === '**') s++;
  return s === segments.length;
}
