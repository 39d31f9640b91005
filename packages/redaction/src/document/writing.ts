import type { Replacement } from '../redactor.ts';
import { isHtml, readHtml } from './html.ts';
import type { JsonString } from './json-tree.ts';

/** A replaced range of a text. */
export type TextRange = Pick<Replacement, 'start' | 'end' | 'token'>;

/** What stands in place of a part of a string's value. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A string of a document, and what of it is read as text. */
export interface Writing {
  readonly node: JsonString;
  /** What is said in it: the string itself, what stands behind "Agent: ", or what a browser would show. */
  readonly text: string;
  /** Further texts in the string, each read by itself, and where they begin: attributes of HTML. */
  readonly besides: ReadonlyArray<{ readonly start: number; readonly text: string }>;
  /** The edits of the string that take a range out of `text`. */
  place(range: TextRange): Edit[];
}

/** @param name of the member that holds the string */
export function writingOf(node: JsonString, name: string, offset = 0): Writing {
  if (offset === 0 && isHtml(node.value, name)) return htmlWriting(node);
  // Digits that hang on a file's ending are a version to the engine.
  const ending = FILE_NAME.test(name) ? (FILE_ENDING.exec(node.value)?.[0].length ?? 0) : 0;
  return new PlainWriting(node, offset, ending);
}

class PlainWriting implements Writing {
  readonly node: JsonString;
  readonly text: string;
  readonly besides = NOTHING;
  private readonly offset: number;

  constructor(node: JsonString, offset: number, ending: number) {
    this.node = node;
    this.offset = offset;
    this.text = offset + ending === 0 ? node.value : node.value.slice(offset, node.value.length - ending);
  }

  place({ start, end, token }: TextRange): Edit[] {
    return [{ start: start + this.offset, end: end + this.offset, text: token }];
  }
}

const NOTHING: Writing['besides'] = [];
const FILE_NAME = /^(?:file_?)?name$/i;
const FILE_ENDING = /\.[a-z][a-z0-9]{1,4}$/i;

function htmlWriting(node: JsonString): Writing {
  const { text, pieces, values } = readHtml(node.value);
  return {
    node,
    text,
    besides: values,
    place: ({ start, end, token }) => {
      // A value that markup cuts in pieces: the first holds the token, the others lose their part.
      let isFirst = true;
      return pieces.flatMap(({ at, from, to }) => {
        const first = Math.max(start, at);
        const last = Math.min(end, at + to - from);
        if (first >= last) return [];
        const edit = { start: from + first - at, end: from + last - at, text: isFirst ? token : '' };
        isFirst = false;
        return [edit];
      });
    },
  };
}

/** A text with its edits made; of two that overlap the first counts. */
export function spliceAll(source: string, edits: Edit[]): string {
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
