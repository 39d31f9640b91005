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
export function encodeBatch(eventTexts: readonly string[]): Buffer {
  const lines = eventTexts.map(onOneLine);
  let bytes = Math.max(0, lines.length - 1);
  for (const line of lines) bytes += Buffer.byteLength(line);
  const payload = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const [place, line] of lines.entries()) {
    if (place > 0) payload[at++] = LINE_BREAK;
    at += payload.write(line, at);
  }
  return payload;
}

export function decodeBatch(payload: Buffer): string[] {
  const eventTexts: string[] = [];
  let from = 0;
  for (let at = payload.indexOf(LINE_BREAK); at !== -1; at = payload.indexOf(LINE_BREAK, from)) {
    eventTexts.push(payload.toString('utf8', from, at));
    from = at + 1;
  }
  eventTexts.push(payload.toString('utf8', from));
  return eventTexts;
}

function onOneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]+/g, ' ') : text;
}

const LINE_BREAK = 0x0a;
