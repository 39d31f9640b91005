/**
 * The payload of a batch: the source text of each event, one a line.
 *
 * An event keeps its own text from Genesys' reply to Elasticsearch's `_source`, so that no number passes through a
 * double (A16). A raw line break inside valid JSON text can only be white space between tokens, so replacing it by a
 * space alters nothing.
 */
export function encodeBatch(eventTexts: readonly string[]): Buffer {
  return Buffer.from(eventTexts.map(onOneLine).join('\n'), 'utf8');
}

export function decodeBatch(payload: Buffer): string[] {
  return payload.toString('utf8').split('\n');
}

function onOneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
}
