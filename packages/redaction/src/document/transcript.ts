import type { Redactor, Replacement } from '../redactor.ts';
import type { Phrase } from '../text/conversation.ts';
import type { JsonArray, JsonNode, JsonObject, JsonString } from './json-tree.ts';

/**
 * Arrays of a document that are one conversation: `phrases[]` of a Genesys transcript, messages of a chat, the guide's
 * `transcripts` of plain lines. They are searched as a whole, so that values may run over phrases.
 */
export interface Utterance {
  readonly phrase: Phrase;
  /** The string that holds the phrase, and where in it the phrase begins (behind "Agent: "). */
  readonly node: JsonString;
  readonly offset: number;
  /** The object around it, where it has one: holds words and alternatives. */
  readonly owner: JsonObject | null;
}

const TEXT_NAMES = ['text', 'body', 'messageText', 'textBody', 'message'];
const SPEAKER_NAMES = [
  'participantPurpose',
  'purpose',
  'speaker',
  'role',
  'sender',
  'from',
  'direction',
  'participantId',
  'userId',
];
const LINE_NAMES = new Set(['transcripts', 'transcript', 'lines', 'messages']);
/** "Agent: ", "[10:02] Customer - " */
const SPEAKER_PREFIX = /^\s*(?:[[(][^\])]{1,20}[\])]\s*)?([\p{L}][\p{L}\d ._-]{0,23}?)\s?:\s+/u;

export function memberOf(node: JsonNode, name: string): JsonNode | undefined {
  if (node.kind !== 'object') return undefined;
  return node.members.find((member) => member.key.value === name)?.value;
}

/** The utterances of an array that is a conversation; null for any other array. */
export function utterancesOf(array: JsonArray, name: string): Utterance[] | null {
  const utterances: Utterance[] = [];
  for (const item of array.items) {
    const utterance =
      item.kind === 'string' ? lineOf(item, name) : item.kind === 'object' ? messageOf(item) : null;
    if (utterance !== null) utterances.push(utterance);
  }
  return utterances.length > 0 ? utterances : null;
}

function lineOf(node: JsonString, name: string): Utterance | null {
  if (!LINE_NAMES.has(name)) return null;
  const prefix = SPEAKER_PREFIX.exec(node.value);
  const offset = prefix?.[0].length ?? 0;
  return {
    phrase: { speaker: prefix?.[1]?.toLowerCase() ?? '', text: node.value.slice(offset) },
    node,
    offset,
    owner: null,
  };
}

function messageOf(item: JsonObject): Utterance | null {
  const text = textOf(item);
  if (text === null) return null;
  let speaker = '';
  for (const name of SPEAKER_NAMES) {
    const value = memberOf(item, name);
    if (value?.kind !== 'string') continue;
    speaker = value.value;
    break;
  }
  return { phrase: { speaker, text: text.value }, node: text, offset: 0, owner: item };
}

function textOf(item: JsonObject): JsonString | null {
  for (const name of TEXT_NAMES) {
    const value = memberOf(item, name);
    if (value?.kind === 'string') return value;
  }
  const normalized = memberOf(item, 'normalizedMessage');
  const text = normalized === undefined ? undefined : memberOf(normalized, 'text');
  return text?.kind === 'string' ? text : null;
}

/** One word of `words[]` and the string node that holds it. */
export interface SpokenWord {
  readonly node: JsonString;
}

export function wordsOf(owner: JsonNode): SpokenWord[] {
  const words = memberOf(owner, 'words');
  if (words?.kind !== 'array') return [];
  const found: SpokenWord[] = [];
  for (const item of words.items) {
    const node = item.kind === 'string' ? item : (memberOf(item, 'word') ?? memberOf(item, 'text'));
    if (node?.kind === 'string') found.push({ node });
  }
  return found;
}

/** What stands in a word's place: the value's token in its first word, nothing in the others. */
export interface WordEdit {
  readonly node: JsonString;
  readonly text: string;
}

/**
 * Takes out of the words what the text lost. Words are found in the text one behind the other; where one is not found
 * (the text was formatted, "555-0148" for "five five five ..."), the words themselves are searched as a text.
 * @param ranges replaced ranges of the phrase's text
 */
export function editWords(
  words: readonly SpokenWord[],
  text: string,
  ranges: ReadonlyArray<Pick<Replacement, 'start' | 'end' | 'token'>>,
  redactor: Redactor,
  before: readonly Phrase[],
  speaker: string,
  region: string | undefined,
): WordEdit[] {
  if (words.length === 0) return [];
  const lower = text.toLowerCase();
  const edits: WordEdit[] = [];
  let cursor = 0;
  let range = 0;
  let lastRange = -1;
  const lost: SpokenWord[] = [];
  for (const word of words) {
    const value = word.node.value.toLowerCase().trim();
    const at = value === '' ? -1 : lower.indexOf(value, cursor);
    // A word far ahead is another one that sounds alike.
    if (at === -1 || at - cursor > value.length + 24) {
      lost.push(word);
      continue;
    }
    cursor = at + value.length;
    while (range < ranges.length && (ranges[range]?.end ?? 0) <= at) range++;
    if ((ranges[range]?.start ?? cursor) >= cursor) continue;
    edits.push({ node: word.node, text: range === lastRange ? '' : (ranges[range]?.token ?? '') });
    lastRange = range;
  }
  if (lost.length === 0) return edits;
  return merge(edits, editAsText(words, lost, ranges.length > 0, redactor, before, speaker, region));
}

function merge(edits: WordEdit[], more: readonly WordEdit[]): WordEdit[] {
  const known = new Set(edits.map((edit) => edit.node));
  return edits.concat(more.filter((edit) => !known.has(edit.node)));
}

/** Searches the words joined by spaces; lost words of a phrase that lost a value go when they could be part of it. */
function editAsText(
  words: readonly SpokenWord[],
  lost: readonly SpokenWord[],
  hasLoss: boolean,
  redactor: Redactor,
  before: readonly Phrase[],
  speaker: string,
  region: string | undefined,
): WordEdit[] {
  const joined = words.map(({ node }) => node.value).join(' ');
  const base = before.reduce((length, phrase) => length + phrase.text.length + 1, 0);
  const found = redactor
    .replacements([...before, { speaker, text: joined }], { region })
    .filter(({ start }) => start >= base);
  const edits: WordEdit[] = [];
  let at = base;
  let next = 0;
  let last: Replacement | null = null;
  for (const { node } of words) {
    const end = at + node.value.length;
    while ((found[next]?.end ?? end) <= at) next++;
    const range = found[next];
    if (range !== undefined && range.start < end) {
      edits.push({ node, text: range === last ? '' : range.token });
      last = range;
    }
    at = end + 1;
  }
  if (!hasLoss) return edits;
  const rest = lost.filter(({ node }) => /\d|@/.test(node.value)).map(({ node }) => ({ node, text: '' }));
  return merge(edits, rest);
}
