/** What a browser would show of HTML, and where it stands in the source. */
interface HtmlText {
  /** Text between tags: markup inside of a line leaves nothing, all other ends the line. Entities stand as they are written. */
  readonly text: string;
  /** Where the text comes from: its part that begins at `at` is the source's [from, to). In order. */
  readonly pieces: ReadonlyArray<{ readonly at: number; readonly from: number; readonly to: number }>;
  /** Values of attributes. */
  readonly values: ReadonlyArray<{ readonly start: number; readonly text: string }>;
}

const INLINE = new Set(
  'a abbr b bdi bdo big cite code del em font i ins kbd mark q s samp small span strike strong sub sup tt u var wbr'.split(
    ' ',
  ),
);

const CLOSED_OR_EMPTY =
  /<\/(?:p|div|span|a|b|i|u|em|strong|font|body|html|table|tr|td|li|ul|ol)\s*>|<(?:br|hr|img)\b[^<>]*>/i;

/** Whether a string is HTML: its member says so, or it holds tags that nobody types by accident. */
export function isHtml(value: string, name: string): boolean {
  return value.includes('<') && (/html/i.test(name) || CLOSED_OR_EMPTY.test(value));
}

/**
 * Reads HTML as leniently as mail programs write it: in one pass, whatever it holds. A `<` that begins no tag is text, and so is a tag
 * that does not end.
 */
export function readHtml(source: string): HtmlText {
  const pieces: { at: number; from: number; to: number }[] = [];
  const values: { start: number; text: string }[] = [];
  let text = '';
  const take = (from: number, to: number): void => {
    if (from === to) return;
    pieces.push({ at: text.length, from, to });
    text += source.slice(from, to);
  };
  let from = 0;
  const lastComment = source.lastIndexOf('-->');
  for (let open = source.indexOf('<'); open !== -1; ) {
    const end = endOfMarkup(source, open, lastComment);
    if (end === -1) {
      open = source.indexOf('<', open + 1);
      continue;
    }
    take(from, open);
    const name = /^<\/?([a-z][a-z0-9:]*)/i.exec(source.slice(open, open + 20))?.[1]?.toLowerCase();
    if (name === undefined) {
      // A comment is searched too, by itself.
      values.push({ start: open, text: source.slice(open, end) });
    } else {
      if (!INLINE.has(name)) text += '\n';
      addValues(source, open, end, values);
    }
    from = end;
    open = source.indexOf('<', end);
  }
  take(from, source.length);
  return { text, pieces, values };
}

/** The offset behind a tag, a comment or a declaration that begins at a `<`; -1 where none does, or it does not end. */
function endOfMarkup(source: string, open: number, lastComment: number): number {
  if (source.startsWith('<!--', open)) return open > lastComment ? -1 : source.indexOf('-->', open) + 3;
  const next = source.charCodeAt(open + 1) | 0x20;
  const isTag = (next >= 0x61 && next <= 0x7a) || source[open + 1] === '/' || source[open + 1] === '!';
  if (!isTag) return -1;
  let quote = '';
  for (let at = open + 1; at < source.length && at - open < LONGEST_TAG; at++) {
    const character = source[at] as string;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return at + 1;
    else if (character === '<') return -1;
    else if ((character === '"' || character === "'") && source[at - 1] === '=') quote = character;
  }
  return -1;
}

/** A longer one is text: a quote that is never closed must not swallow a mail, nor cost the square of its length. */
const LONGEST_TAG = 8_192;

function addValues(
  source: string,
  open: number,
  end: number,
  values: { start: number; text: string }[],
): void {
  const tag = source.slice(open, end);
  for (const { index, 0: whole, 1: value = '' } of tag.matchAll(/=\s*("[^"]*"|'[^']*'|[^\s"'>]+)/g)) {
    const quoted = value.startsWith('"') || value.startsWith("'") ? 1 : 0;
    const start = open + index + whole.length - value.length + quoted;
    const text = value.slice(quoted, value.length - quoted);
    if (text !== '') values.push({ start, text });
  }
}
