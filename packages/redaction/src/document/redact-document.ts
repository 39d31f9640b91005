import type { RedactOptions, Redactor, Replacement } from '../redactor.ts';
import type { Phrase } from '../text/conversation.ts';
import { bareAddress } from './address.ts';
import { contextOfName, numberFieldType, wordsOfName } from './field-name.ts';
import { byPhrase, type Hearing, searchHearings } from './hearings.ts';
import { type JsonArray, type JsonNode, type JsonObject, type JsonString, parseJson } from './json-tree.ts';
import {
  type CompiledPolicy,
  compilePolicy,
  type DocumentPolicy,
  GENESYS_POLICY,
  type Path,
  type PolicyRule,
} from './policy.ts';
import { editWords, memberOf, QUOTING_NAMES, type Utterance, utterancesOf, wordsOf } from './transcript.ts';
import { type Edit, spliceAll, type Writing, writingOf } from './writing.ts';

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

/** What one JSON text turns into, while it is walked. */
interface Walk {
  readonly edits: Edit[];
  /** Strings that were dealt with as part of a conversation. */
  readonly done: Set<JsonNode>;
  /** What became of utterances that lost something: they may be quoted elsewhere, without what stands around them. */
  readonly quoted: Map<string, string>;
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
    const walk: Walk = { edits: [], done: new Set(), quoted: new Map() };
    const { edits, done } = walk;
    /** Strings outside of conversations, which are searched when all conversations are. */
    const strings: Array<{ node: JsonString; path: Path | null }> = [];
    const open: Visit[] = [{ node: parseJson(source), path: null }];
    for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
      const { node, path } = visit;
      if (done.has(node)) continue;
      const rule = path === null ? null : this.policy.ruleOf(path);
      if (rule !== null && rule.action !== 'redact') {
        this.applyRule(source, node, rule, path, edits);
        continue;
      }
      switch (node.kind) {
        case 'object':
          this.redactNames(node, edits);
          for (const { key, value } of node.members)
            open.push({ node: value, path: { name: key.value, parent: path } });
          break;
        case 'array':
          this.redactConversation(node, path?.name ?? '', walk);
          node.items.forEach((item, index) => {
            open.push({ node: item, path: { name: String(index), parent: path } });
          });
          break;
        case 'string':
          strings.push({ node, path });
          break;
        case 'number':
          this.redactNumber(source, node, nameOf(path), edits);
          break;
        case 'literal':
          break;
        default:
          node satisfies never;
      }
    }
    for (const { node, path } of strings) this.redactString(node, path, nesting, walk);
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
    // Everything beneath is tokenised, leaf by leaf; a leaf with a rule of its own by its type.
    const open: Array<Visit & { readonly rule: PolicyRule }> = [{ node, path, rule }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node: leaf, path: place, rule: own } = next;
      const openInside = (inside: JsonNode, name: string): void => {
        const path = { name, parent: place };
        const nearer = this.policy.ruleOf(path);
        open.push({ node: inside, path, rule: nearer?.action === 'tokenise' ? nearer : own });
      };
      if (leaf.kind === 'object') {
        this.redactNames(leaf, edits);
        for (const { key, value } of leaf.members) openInside(value, key.value);
      } else if (leaf.kind === 'array') {
        leaf.items.forEach((item, index) => {
          openInside(item, String(index));
        });
      } else if (leaf.kind !== 'literal') {
        const value = leaf.kind === 'string' ? leaf.value : source.slice(leaf.start, leaf.end);
        if (value.trim() === '' || EARLIER_TOKEN.test(value)) continue;
        edits.push({
          start: leaf.start,
          end: leaf.end,
          text: JSON.stringify(this.tokenise(value, own, nameOf(path))),
        });
      }
    }
  }

  /** The token of a whole value: of the address it is, else of its text. */
  private tokenise(value: string, rule: PolicyRule, name: string): string {
    const bare = bareAddress(value);
    // The id of a sender is an address, whatever ids are elsewhere.
    const context = name === 'id' ? 'address' : name;
    const found = this.redactor.replacements(asAnswer(context, bare), { region: this.region });
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

  private redactString(node: JsonString, path: Path | null, nesting: number, walk: Walk): void {
    const { value } = node;
    const { edits, done, quoted } = walk;
    if (done.has(node)) return;
    if (nesting < MAX_NESTING && /^\s*[[{]/.test(value)) {
      const nested = this.redactNested(value, nesting);
      if (nested !== null) {
        if (nested !== value) edits.push({ start: node.start, end: node.end, text: JSON.stringify(nested) });
        return;
      }
    }
    const quote = quoted.size > 0 && QUOTING_NAMES.has(path?.name ?? '') ? quoted.get(value) : undefined;
    if (quote !== undefined) {
      edits.push({ start: node.start, end: node.end, text: JSON.stringify(quote) });
      return;
    }
    const writing = writingOf(node, path?.name ?? '');
    const phrases = asAnswer(nameOf(path), writing.text);
    const found = this.redactor.replacements(phrases, { region: this.region });
    if (found.length === 0 && writing.besides.length === 0) return;
    const own = byPhrase(phrases, found)[phrases.length - 1];
    this.replace(writing, own ?? [], edits);
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

  private redactConversation(array: JsonArray, name: string, walk: Walk): void {
    const utterances = utterancesOf(array, name);
    if (utterances === null) return;
    const { edits, done, quoted } = walk;
    const phrases = utterances.map(({ phrase }) => phrase);
    const found = byPhrase(phrases, this.redactor.replacements(phrases, { region: this.region }));
    const hearings = new Map<number, Hearing[]>();
    utterances.forEach((utterance, index) => {
      const own = found[index] as Replacement[];
      const { writing, phrase } = utterance;
      done.add(writing.node);
      const replaced = this.replace(writing, own, edits);
      if (own.length > 0 && !quoted.has(phrase.text)) quoted.set(phrase.text, replaced);
      const further = this.hearingsOf(utterance, own, edits, done);
      if (further.length > 0) hearings.set(index, further);
    });
    searchHearings(this.redactor, phrases, hearings, { region: this.region });
  }

  /** Deals with what holds an utterance once more; what has to be searched for that is returned. */
  private hearingsOf(
    { phrase, others, owner }: Utterance,
    own: readonly Replacement[],
    edits: Edit[],
    done: Set<JsonNode>,
  ): Hearing[] {
    const hearings: Hearing[] = [];
    for (const other of others) {
      done.add(other.node);
      if (other.text === phrase.text) this.replace(other, own, edits);
      else hearings.push(this.hearingOf(other, edits, () => []));
    }
    if (owner === null) return hearings;
    hearings.push(...this.wordsHeard(owner, phrase.text, own, edits, done));
    const alternatives = memberOf(owner, 'alternatives');
    for (const alternative of alternatives?.kind === 'array' ? alternatives.items : []) {
      const text = alternative.kind === 'string' ? alternative : memberOf(alternative, 'text');
      if (text?.kind === 'string') {
        done.add(text);
        const heard = writingOf(text, 'text');
        const words = (found: readonly Replacement[]) =>
          this.wordsHeard(alternative, heard.text, found, edits, done);
        hearings.push(this.hearingOf(heard, edits, words));
      } else {
        hearings.push(...this.wordsHeard(alternative, '', own, edits, done));
      }
    }
    return hearings;
  }

  private hearingOf(
    writing: Writing,
    edits: Edit[],
    further: (found: readonly Replacement[]) => readonly Hearing[],
  ): Hearing {
    return {
      text: writing.text,
      take: (found) => {
        this.replace(writing, found, edits);
        return further(found);
      },
    };
  }

  /** Words lose what their text lost; where the text does not have all of them, they are one more hearing of the phrase. */
  private wordsHeard(
    holder: JsonNode,
    text: string,
    ofText: readonly Replacement[],
    edits: Edit[],
    done: Set<JsonNode>,
  ): Hearing[] {
    const words = wordsOf(holder, text);
    if (words === null) return [];
    for (const node of words.nodes) done.add(node);
    const edit = (ofJoined: readonly Replacement[]): void => {
      for (const { node, text: word } of editWords(words, text, ofText, ofJoined)) {
        edits.push({ start: node.start, end: node.end, text: JSON.stringify(word) });
      }
    };
    if (!words.places.includes(null)) {
      edit([]);
      return [];
    }
    return [
      {
        text: words.joined,
        take: (found) => {
          edit(found);
          return [];
        },
      },
    ];
  }

  /** Replaces what was found in a string's text, and in the texts beside it. @returns what the string is then */
  private replace(writing: Writing, found: readonly Replacement[], edits: Edit[]): string {
    const { node } = writing;
    const inside: Edit[] = [];
    for (const range of found) {
      if (range.isFirst) this.count(range.type);
      inside.push(...writing.place(range));
    }
    for (const { start, text } of writing.besides) {
      for (const range of this.redactor.replacements([{ speaker: '', text }], { region: this.region })) {
        if (range.isFirst) this.count(range.type);
        inside.push({ start: start + range.start, end: start + range.end, text: range.token });
      }
    }
    if (inside.length === 0) return node.value;
    const replaced = spliceAll(node.value, inside);
    edits.push({ start: node.start, end: node.end, text: JSON.stringify(replaced) });
    return replaced;
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
        { speaker: 'name', text: contextOfName(name) },
        { speaker: 'value', text: value },
      ];
}

/** Where the last of several phrases begins when they are joined. */
function base(phrases: readonly Phrase[]): number {
  let length = 0;
  for (let i = 0; i < phrases.length - 1; i++) length += (phrases[i] as Phrase).text.length + 1;
  return length;
}
