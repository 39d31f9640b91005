import type { Phrase } from '../text/conversation.ts';
import type { JsonArray, JsonNode, JsonObject, JsonString } from './json-tree.ts';
import { type TextRange, type Writing, writingOf } from './writing.ts';

/**
 * Arrays of a document that are one conversation: `phrases[]` of a Genesys transcript, messages of a chat, mails, the guide's
 * `transcripts` of plain lines. They are searched as a whole, so that values may run over phrases.
 */
export interface Utterance {
  readonly phrase: Phrase;
  /** The string that holds the phrase. */
  readonly writing: Writing;
  /** Strings beside it that hold the phrase once more, as it is or in another form. */
  readonly others: readonly Writing[];
  /** The object around it, where it has one: holds words and alternatives. */
  readonly owner: JsonObject | null;
}

/** Members that hold an utterance, the one that counts first. */
const TEXT_NAMES = [
  'text',
  'body',
  'messageText',
  'textBody',
  'message',
  'decoratedText',
  'htmlBody',
  'textBodyPreview',
];
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
/** What tells one sender from another where it is an object. */
const SENDER_NAMES = ['email', 'id', 'name'];
const LINE_NAMES = new Set(['transcripts', 'transcript', 'lines', 'messages']);
/** Members elsewhere in a document that quote an utterance. */
export const QUOTING_NAMES: ReadonlySet<string> = new Set([...TEXT_NAMES, 'phrase']);
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
  const writing = writingOf(node, name, prefix?.[0].length ?? 0);
  const speaker = prefix?.[1]?.toLowerCase() ?? '';
  return { phrase: { speaker, text: writing.text }, writing, others: [], owner: null };
}

function messageOf(item: JsonObject): Utterance | null {
  const [writing, ...others] = writingsOf(item);
  if (writing === undefined) return null;
  return { phrase: { speaker: speakerOf(item), text: writing.text }, writing, others, owner: item };
}

function writingsOf(item: JsonObject): Writing[] {
  const normalized = memberOf(item, 'normalizedMessage');
  const places: Array<[holder: JsonNode | undefined, name: string]> = [
    ...TEXT_NAMES.map((name): [JsonNode, string] => [item, name]),
    [normalized, 'text'],
  ];
  return places.flatMap(([holder, name]) => {
    const value = holder === undefined ? undefined : memberOf(holder, name);
    return value?.kind === 'string' ? [writingOf(value, name)] : [];
  });
}

function speakerOf(item: JsonObject): string {
  for (const name of SPEAKER_NAMES) {
    const value = memberOf(item, name);
    if (value?.kind === 'string') return value.value;
    for (const part of value?.kind === 'object' ? SENDER_NAMES : []) {
      const sender = value === undefined ? undefined : memberOf(value, part);
      if (sender?.kind === 'string') return sender.value;
    }
  }
  return '';
}

/** The words of one hearing of a phrase, and where each stands in its text. */
export interface SpokenWords {
  readonly nodes: readonly JsonString[];
  /** `null`: the text does not have the word, "555-0148" for "five five five ..." */
  readonly places: readonly Place[];
  /** The words as a text of their own. */
  readonly joined: string;
}

/** Finds the words in the text one behind the other; `null` where the holder has none. */
export function wordsOf(holder: JsonNode, text: string): SpokenWords | null {
  const words = memberOf(holder, 'words');
  if (words?.kind !== 'array') return null;
  const nodes = words.items.flatMap((item) => {
    const node = item.kind === 'string' ? item : (memberOf(item, 'word') ?? memberOf(item, 'text'));
    return node?.kind === 'string' ? [node] : [];
  });
  if (nodes.length === 0) return null;
  const lower = text.toLowerCase();
  let cursor = 0;
  const places = nodes.map((node) => {
    const value = node.value.toLowerCase().trim();
    const start = value === '' ? -1 : lower.indexOf(value, cursor);
    // A word far ahead is another one that sounds alike.
    if (start === -1 || start - cursor > value.length + 24) return null;
    cursor = start + value.length;
    return { start, end: cursor };
  });
  return { nodes, places, joined: nodes.map(({ value }) => value).join(' ') };
}

/** What stands in a word's place. */
export interface WordEdit {
  readonly node: JsonString;
  readonly text: string;
}

/**
 * Takes out of the words what the text lost: the value's token stands in its first word, nothing in the others.
 * @param text that the words are of
 * @param ofText ranges of it
 * @param ofJoined ranges of the words as a text of their own, searched where the text does not have all of them
 */
export function editWords(
  words: SpokenWords,
  text: string,
  ofText: readonly TextRange[],
  ofJoined: readonly TextRange[],
): WordEdit[] {
  const { nodes, places } = words;
  const lost: Array<Loss | null> = nodes.map(() => null);
  cover(places, ofText, (index, range) => {
    lost[index] = { range, isOfText: true };
  });
  cover(placesInJoined(nodes), ofJoined, (index, range) => {
    lost[index] ??= { range, isOfText: false };
  });
  for (const { first, last, from, to } of unplaced(places, text.length)) {
    // What stands between the words around them is what was heard of them.
    const range = ofText.find(({ start, end }) => isSaid(text, Math.max(start, from), Math.min(end, to)));
    const isFound = lost.slice(first, last + 1).some((loss) => loss !== null);
    for (let index = first; index <= last; index++) {
      if (range !== undefined && !isFound) lost[index] = { range, isOfText: false };
      // Digits and signs that the text of such a phrase does not have go too: they may be of what it lost.
      else if (ofText.length > 0 && /\d|@/.test(nodes[index]?.value ?? '')) lost[index] ??= BLANK;
    }
  }
  return nodes.flatMap((node, index) => {
    const loss = lost[index] ?? null;
    return loss === null
      ? []
      : [{ node, text: goesOn(lost[index - 1] ?? null, loss) ? '' : loss.range.token }];
  });
}

/** What took a word: a range that covers it in the text, or one that was found another way. */
interface Loss {
  readonly range: TextRange;
  readonly isOfText: boolean;
}

const BLANK: Loss = { range: { start: 0, end: 0, token: '' }, isOfText: false };

type Place = { readonly start: number; readonly end: number } | null;

/** Whether a word is a further one of the value that took the word before it. */
function goesOn(before: Loss | null, { range, isOfText }: Loss): boolean {
  if (before === null || before.range.token !== range.token) return false;
  return before.range === range || before.isOfText !== isOfText;
}

/** Tells of each place which range covers a part of it. Both are in order. */
function cover(
  places: readonly Place[],
  ranges: readonly TextRange[],
  told: (index: number, range: TextRange) => void,
): void {
  let next = 0;
  places.forEach((place, index) => {
    if (place === null) return;
    while (next < ranges.length && (ranges[next] as TextRange).end <= place.start) next++;
    const range = ranges[next];
    if (range !== undefined && range.start < place.end) told(index, range);
  });
}

function placesInJoined(nodes: readonly JsonString[]): Place[] {
  let start = 0;
  return nodes.map(({ value }) => {
    const place = { start, end: start + value.length };
    start = place.end + 1;
    return place;
  });
}

/** Words [first, last] that the text does not have, and the part [from, to) of it that stands in their stead. */
function unplaced(
  places: readonly Place[],
  length: number,
): Array<{ first: number; last: number; from: number; to: number }> {
  const runs: Array<{ first: number; last: number; from: number; to: number }> = [];
  let from = 0;
  places.forEach((place, index) => {
    const run = runs[runs.length - 1];
    if (place !== null) {
      if (run?.last === index - 1) run.to = place.start;
      from = place.end;
    } else if (run?.last === index - 1) {
      run.last = index;
    } else {
      runs.push({ first: index, last: index, from, to: length });
    }
  });
  return runs;
}

/** Whether a part of a text holds more than spaces and signs. */
function isSaid(text: string, start: number, end: number): boolean {
  return start < end && /[\p{L}\p{N}@]/u.test(text.slice(start, end));
}
