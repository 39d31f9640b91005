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
  const lines = events.map(onOneLine);
  const payload = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    payload.set(line, at);
    at += line.length;
    payload[at++] = LINE_BREAK;
  }
  // The last line break, if any, ends nothing.
  return payload.subarray(0, Math.max(0, at - 1));
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
  if (!line.includes(LINE_BREAK) && !line.includes(CARRIAGE_RETURN)) return line;
  const text = typeof event === 'string' ? event : Buffer.from(event).toString('utf8');
  return Buffer.from(text.replace(/[\r\n]+/g, ' '));
}

const LINE_BREAK = 0x0a;
const CARRIAGE_RETURN = 0x0d;
