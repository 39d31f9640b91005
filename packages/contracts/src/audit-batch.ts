/**
 * The payload of a batch: the source text of each event, one a line, in UTF-8.
 *
 * An event keeps its own text from Genesys' reply to Elasticsearch's `_source`, so that no number passes through a
 * double (A16). A raw line break inside valid JSON text can only be white space between tokens, so replacing it by a
 * space alters nothing.
 *
 * Both ways work on one event at a time: joined to one string, a batch with a single character beyond Latin-1 would take two
 * bytes for every character of all its events, and two to three times as long.
 */
export function encodeBatch(events: readonly (string | Uint8Array)[]): Buffer {
  return batchPayload(batchLines(events));
}

/** The events as `encodeBatch` writes them, with a line break behind the last one, too. */
export function batchLines(events: readonly (string | Uint8Array)[]): Buffer {
  const lines = events.map(onOneLine);
  const written = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    written.set(line, at);
    at += line.length;
    written[at++] = LINE_BREAK;
  }
  return written;
}

/**
 * The lines of some elements of a text, such as the events in a reply. Where a single byte stands between each two of them, and
 * no line break inside, these are the text's own bytes: the text is used up for it.
 * @param elements where they stand, in order; a byte stands behind the last one, too
 */
export function linesOfElements(text: Buffer, elements: readonly { from: number; to: number }[]): Buffer {
  const [first] = elements;
  const last = elements.at(-1);
  if (first === undefined || last === undefined) return Buffer.alloc(0);
  const lines = text.subarray(first.from, last.to + 1);
  const areApart = elements.every(({ from }, place) => from === (elements[place - 1]?.to ?? from - 1) + 1);
  if (!areApart || hasLineBreak(lines))
    return batchLines(elements.map(({ from, to }) => text.subarray(from, to)));
  for (const { to } of elements) text[to] = LINE_BREAK;
  return lines;
}

/** The payload of a batch whose lines these are. */
export function batchPayload(lines: Buffer): Buffer {
  return lines.subarray(0, Math.max(0, lines.length - 1));
}

/** The last of a batch's lines, without its line break; of none, nothing. */
export function lastLine(lines: Buffer): Buffer {
  const payload = batchPayload(lines);
  return payload.subarray(payload.lastIndexOf(LINE_BREAK) + 1);
}

/** The events' source texts in UTF-8, as views of the payload. */
export function decodeBatch(payload: Buffer): Buffer[] {
  const events: Buffer[] = [];
  let from = 0;
  for (let at = payload.indexOf(LINE_BREAK); at !== -1; at = payload.indexOf(LINE_BREAK, from)) {
    events.push(payload.subarray(from, at));
    from = at + 1;
  }
  events.push(payload.subarray(from));
  return events;
}

function onOneLine(event: string | Uint8Array): Uint8Array {
  const line = typeof event === 'string' ? Buffer.from(event) : event;
  if (!hasLineBreak(line)) return line;
  const text = typeof event === 'string' ? event : Buffer.from(event).toString('utf8');
  return Buffer.from(text.replace(/[\r\n]+/g, ' '));
}

function hasLineBreak(text: Uint8Array): boolean {
  return text.includes(LINE_BREAK) || text.includes(CARRIAGE_RETURN);
}

const LINE_BREAK = 0x0a;
const CARRIAGE_RETURN = 0x0d;
