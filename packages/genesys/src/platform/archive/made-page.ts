import type { MadeConversations, OpenedPage } from '../../archive/archive-source.ts';
import type { AnalyticsRow } from './analytics-row.ts';
import type { MadeDocument } from './conversation-documents.ts';

/**
 * A page that is made while it is read: a JSON array of one document for each row, in the rows' order. No more documents are in memory
 * than are made at a time.
 *
 * @param make a row's document. Its signal is aborted when the page is destroyed, or when another document failed
 * @param atOnce documents that are made at a time
 */
export function madePage(parts: {
  rows: readonly AnalyticsRow[];
  make: (row: AnalyticsRow, signal: AbortSignal) => Promise<MadeDocument>;
  atOnce: number;
  nextPage: string | null;
  serverDate: Date | null;
  ofWindow: number | null;
  signal: AbortSignal;
}): OpenedPage {
  const { rows, make, atOnce, nextPage, serverDate, ofWindow } = parts;
  const ended = new AbortController();
  const signal = AbortSignal.any([parts.signal, ended.signal]);
  const made = { done: 0, ofWindow, missingTexts: 0 } satisfies MadeConversations;

  async function* body(): AsyncGenerator<Buffer> {
    const underWay: Promise<MadeDocument>[] = [];
    let next = 0;
    try {
      yield Buffer.from('[');
      for (let at = 0; at < rows.length; at++) {
        for (; next < Math.min(rows.length, at + atOnce); next++) {
          const document = make(rows[next] as AnalyticsRow, signal);
          document.catch(() => {}); // it is met where its turn comes, or never when an earlier one failed
          underWay.push(document);
        }
        if (at > 0) yield Buffer.from(',\n');
        const { parts = [], missingTexts = 0 } = (await underWay.shift()) ?? {};
        for (const bytes of parts) yield bytes;
        made.done++;
        made.missingTexts += missingTexts;
      }
      yield Buffer.from(']');
    } finally {
      ended.abort();
      await Promise.allSettled(underWay);
    }
  }

  return {
    // No entity tag: what is made cannot be gone on with in its middle. Nor does anybody state a digest of it.
    head: { etag: null, length: null, sha256: null, nextPage },
    from: 0,
    body: Object.assign(body(), { destroy: () => ended.abort() }),
    serverDate,
    unreadableDigests: [],
    made,
  };
}
