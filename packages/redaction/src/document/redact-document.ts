import type { RedactOptions, Redactor, Replacement } from '../redactor.ts';
import type { Phrase } from '../text/conversation.ts';
import { numberFieldType, wordsOfName } from './field-name.ts';
import { type JsonArray, type JsonNode, type JsonObject, type JsonString, parseJson } from './json-tree.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  type DocumentPolicy,
  GENESYS_POLICY,
  type Path,
  type PolicyRule,
} from './policy.ts';
import { editWords, memberOf, type Utterance, utterancesOf, wordsOf } from './transcript.ts';

export interface DocumentOptions extends RedactOptions {
  /** Rules of your own before the default ones; see `PolicyRule`. */
  readonly policy?: DocumentPolicy;
  /** The rules behind them. Default `GENESYS_POLICY`; `[]` for none. */
  readonly defaultPolicy?: DocumentPolicy;
}

export interface DocumentRedaction {
  /** The document, byte for byte as it was outside of what was replaced. */
  readonly json: string;
  /** Values replaced, by type. */
  readonly counts: Readonly<Record<string, number>>;
  readonly engineVersion: string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** JSON inside strings inside JSON ...: deeper than this it is searched as plain text. */
const MAX_NESTING = 8;

/**
 * Redacts a JSON document given as source text: strings, member names, JSON inside strings, numbers in fields that
 * hold telephone, card or social security numbers. Numbers elsewhere keep every digit; order and spacing stay.
 * @throws RedactionError DOCUMENT_NOT_JSON, POLICY_INVALID
 */
export function redactDocument(
  redactor: Redactor,
  source: string,
  options: DocumentOptions = {},
): DocumentRedaction {
  const policy = compilePolicy([...(options.policy ?? []), ...(options.defaultPolicy ?? GENESYS_POLICY)]);
  const counts: Record<string, number> = {};
  const walk = new DocumentWalk(redactor, policy, options.region, counts);
  const json = walk.redact(source, 0);
  return { json, counts, engineVersion: redactor.engineVersion };
}

/**
 * Redacts a JSON value in memory.
 * @throws RedactionError POLICY_INVALID; TypeError for what JSON cannot hold (cycles, bigint)
 */
export function redactValue(redactor: Redactor, value: unknown, options: DocumentOptions = {}): unknown {
  const source = JSON.stringify(value);
  return source === undefined ? value : JSON.parse(redactDocument(redactor, source, options).json);
}

interface Visit {
  readonly node: JsonNode;
  /** Null at the root. */
  readonly path: Path | null;
}

class DocumentWalk {
  private readonly redactor: Redactor;
  private readonly policy: CompiledPolicy;
  private readonly region: string | undefined;
  private readonly counts: Record<string, number>;

  constructor(
    redactor: Redactor,
    policy: CompiledPolicy,
    region: string | undefined,
    counts: Record<string, number>,
  ) {
    this.redactor = redactor;
    this.policy = policy;
    this.region = region;
    this.counts = counts;
  }

  redact(source: string, nesting: number): string {
    const edits: Edit[] = [];
    /** Strings that were dealt with as part of a conversation. */
    const done = new Set<JsonNode>();
    const open: Visit[] = [{ node: parseJson(source), path: null }];
    for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
      const { node, path } = visit;
      if (done.has(node)) continue;
      const rule = path === null ? null : this.policy.ruleOf(path);
      if (rule !== null && rule.action !== 'redact') {
        this.applyRule(source, node, rule, path, edits);
        continue;
      }
      const name = nameOf(path);
      switch (node.kind) {
        case 'object':
          this.redactNames(node, edits);
          for (const { key, value } of node.members)
            open.push({ node: value, path: { name: key.value, parent: path } });
          break;
        case 'array':
          this.redactConversation(node, path?.name ?? '', edits, done);
          node.items.forEach((item, index) => {
            open.push({ node: item, path: { name: String(index), parent: path } });
          });
          break;
        case 'string':
          this.redactString(node, name, nesting, edits);
          break;
        case 'number':
          this.redactNumber(source, node, name, edits);
          break;
        case 'literal':
          break;
        default:
          node satisfies never;
      }
    }
    return spliceAll(source, edits);
  }

  private applyRule(
    source: string,
    node: JsonNode,
    rule: PolicyRule,
    path: Path | null,
    edits: Edit[],
  ): void {
    if (rule.action === 'keep') return;
    if (rule.action === 'drop') {
      edits.push({ start: node.start, end: node.end, text: 'null' });
      return;
    }
    // Everything beneath is tokenised, leaf by leaf.
    const open: JsonNode[] = [node];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.kind === 'object') {
        this.redactNames(next, edits);
        for (const { value } of next.members) open.push(value);
      } else if (next.kind === 'array') {
        for (const item of next.items) open.push(item);
      } else if (next.kind !== 'literal') {
        const value = next.kind === 'string' ? next.value : source.slice(next.start, next.end);
        if (value.trim() === '' || EARLIER_TOKEN.test(value)) continue;
        edits.push({
          start: next.start,
          end: next.end,
          text: JSON.stringify(this.tokenise(value, rule, nameOf(path))),
        });
      }
    }
  }

  /** The token of a whole value: of the address it is, else of its text. */
  private tokenise(value: string, rule: PolicyRule, name: string): string {
    const bare = value.replace(/^(?:tel|sip|sips|mailto|sms|whatsapp):/i, '').replace(/;.*$/s, '');
    const found = this.redactor.replacements(asAnswer(name, bare), { region: this.region });
    const whole = found.length === 1 ? found[0] : undefined;
    const covered = whole === undefined ? 0 : whole.end - whole.start;
    if (whole !== undefined && covered >= bare.trim().length - 2) {
      this.count(whole.type);
      return whole.token;
    }
    const type = rule.type ?? 'VALUE';
    this.count(type);
    return this.redactor.tokenOfWhole(type, value.normalize('NFC'));
  }

  private redactNames(object: JsonObject, edits: Edit[]): void {
    let taken: Set<string> | null = null;
    for (const { key } of object.members) {
      if (!MAY_HOLD_VALUE.test(key.value)) continue;
      const { text, counts } = this.redactor.redactText(key.value, { region: this.region });
      if (text === key.value) continue;
      taken ??= new Set(object.members.map((member) => member.key.value));
      // Two writings of one value as names of one object: both members stay.
      let unique = text;
      for (let copy = 2; taken.has(unique); copy++) unique = `${text}#${copy}`;
      taken.add(unique);
      this.countAll(counts);
      edits.push({ start: key.start, end: key.end, text: JSON.stringify(unique) });
    }
  }

  private redactString(node: JsonString, name: string, nesting: number, edits: Edit[]): void {
    const { value } = node;
    if (nesting < MAX_NESTING && /^\s*[[{]/.test(value)) {
      const nested = this.redactNested(value, nesting);
      if (nested !== null) {
        if (nested !== value) edits.push({ start: node.start, end: node.end, text: JSON.stringify(nested) });
        return;
      }
    }
    const phrases = asAnswer(name, value);
    const found = this.redactor.replacements(phrases, { region: this.region });
    this.replace(node, 0, found, base(phrases), edits);
  }

  /** A string that is a JSON document itself; null when it is none. */
  private redactNested(value: string, nesting: number): string | null {
    try {
      JSON.parse(value);
    } catch {
      return null;
    }
    return this.redact(value, nesting + 1);
  }

  private redactNumber(source: string, node: JsonNode, name: string, edits: Edit[]): void {
    if (numberFieldType(name) === null) return;
    const digits = source.slice(node.start, node.end);
    if (!/^\d{7,19}$/.test(digits)) return;
    const phrases = asAnswer(name, digits);
    const found = this.redactor.replacements(phrases, { region: this.region });
    const whole = found.find(({ start, end }) => start === base(phrases) && end === start + digits.length);
    if (whole === undefined) return;
    this.count(whole.type);
    edits.push({ start: node.start, end: node.end, text: JSON.stringify(whole.token) });
  }

  private redactConversation(array: JsonArray, name: string, edits: Edit[], done: Set<JsonNode>): void {
    const utterances = utterancesOf(array, name);
    if (utterances === null) return;
    const phrases = utterances.map(({ phrase }) => phrase);
    const found = this.redactor.replacements(phrases, { region: this.region });
    let start = 0;
    let next = 0;
    utterances.forEach((utterance, index) => {
      const end = start + utterance.phrase.text.length;
      const own: Replacement[] = [];
      for (let item = found[next]; item !== undefined && item.start < end; item = found[++next])
        own.push(item);
      done.add(utterance.node);
      this.replace(utterance.node, utterance.offset, own, start, edits);
      const before = phrases.slice(Math.max(0, index - 3), index);
      this.redactWords(utterance, own, start, before, edits, done);
      start = end + 1;
    });
  }

  private redactWords(
    utterance: Utterance,
    own: readonly Replacement[],
    start: number,
    before: readonly Phrase[],
    edits: Edit[],
    done: Set<JsonNode>,
  ): void {
    const { owner, phrase } = utterance;
    if (owner === null) return;
    const ranges = own.map((item) => ({
      start: item.start - start,
      end: item.end - start,
      token: item.token,
    }));
    const edit = (holder: JsonNode, text: string, lost: typeof ranges): void => {
      const words = wordsOf(holder);
      for (const { node } of words) done.add(node);
      for (const change of editWords(words, text, lost, this.redactor, before, phrase.speaker, this.region)) {
        edits.push({ start: change.node.start, end: change.node.end, text: JSON.stringify(change.text) });
      }
    };
    edit(owner, phrase.text, ranges);
    const alternatives = memberOf(owner, 'alternatives');
    if (alternatives?.kind !== 'array') return;
    // Other hearings of the same phrase: each is searched behind what was said before.
    for (const alternative of alternatives.items) {
      const text = alternative.kind === 'string' ? alternative : memberOf(alternative, 'text');
      if (text?.kind !== 'string') {
        const words = wordsOf(alternative);
        if (words.length > 0) edit(alternative, '', ranges);
        continue;
      }
      const context = [...before, { speaker: phrase.speaker, text: text.value }];
      const from = base(context);
      const found = this.redactor
        .replacements(context, { region: this.region })
        .filter((item) => item.start >= from);
      done.add(text);
      this.replace(text, 0, found, from, edits);
      edit(
        alternative,
        text.value,
        found.map((item) => ({ start: item.start - from, end: item.end - from, token: item.token })),
      );
    }
  }

  /** Replaces ranges of a string; `from` is where its text begins in the text that was searched. */
  private replace(
    node: JsonString,
    offset: number,
    found: readonly Replacement[],
    from: number,
    edits: Edit[],
  ): void {
    let text = '';
    let at = 0;
    for (const { type, start, end, token, isFirst } of found) {
      if (start < from) continue;
      if (isFirst) this.count(type);
      text += node.value.slice(at, start - from + offset) + token;
      at = end - from + offset;
    }
    if (at > 0)
      edits.push({ start: node.start, end: node.end, text: JSON.stringify(text + node.value.slice(at)) });
  }

  private count(type: string): void {
    this.counts[type] = (this.counts[type] ?? 0) + 1;
  }

  private countAll(counts: Readonly<Record<string, number>>): void {
    for (const [type, count] of Object.entries(counts)) this.counts[type] = (this.counts[type] ?? 0) + count;
  }
}

/** A name without digits, sign or number words holds nothing; most names are such. */
const MAY_HOLD_VALUE = /\d{2}|@|\bat\b|\s/;
const EARLIER_TOKEN = /^[A-Z][A-Z0-9_]{1,31}-(?:[A-Za-z0-9_]{1,32}\.)?[0-9a-f]{16,64}$/;

/** The name nearest to a leaf, in words; indexes are skipped. */
function nameOf(path: Path | null): string {
  let at = path;
  for (let steps = 0; at !== null && steps < 8; at = at.parent, steps++) {
    if (!/^\d+$/.test(at.name)) return wordsOfName(at.name);
  }
  return '';
}

/** A value as the answer to its field's name: "callback number" - "4155552671". */
function asAnswer(name: string, value: string): Phrase[] {
  return name === '' || name.length > 60
    ? [{ speaker: 'value', text: value }]
    : [
        { speaker: 'name', text: name },
        { speaker: 'value', text: value },
      ];
}

/** Where the last of several phrases begins when they are joined. */
function base(phrases: readonly Phrase[]): number {
  let length = 0;
  for (let i = 0; i < phrases.length - 1; i++) length += (phrases[i] as Phrase).text.length + 1;
  return length;
}

function spliceAll(source: string, edits: Edit[]): string {
  if (edits.length === 0) return source;
  edits.sort((a, b) => a.start - b.start);
  let out = '';
  let from = 0;
  for (const { start, end, text } of edits) {
    if (start < from) continue;
    out += source.slice(from, start) + text;
    from = end;
  }
  return out + source.slice(from);
}
