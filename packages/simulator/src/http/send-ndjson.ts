import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { drained } from './send.ts';

/**
 * Writes NDJSON at the pace of the reader, giving way to other requests between pieces.
 * @param turn lines that are written at once
 */
export async function sendNdjson(
  response: ServerResponse,
  items: Iterable<unknown>,
  turn: number,
): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  let piece = '';
  let lines = 0;
  for (const item of items) {
    if (response.destroyed) return;
    piece += `${JSON.stringify(item)}\n`;
    lines += 1;
    // A conversation may be of any size.
    if (lines % turn !== 0 && piece.length < 1_000_000) continue;
    if (!response.write(piece)) await drained(response);
    piece = '';
    await nextTurn();
  }
  response.end(piece);
}
