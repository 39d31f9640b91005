import { count, duration } from './figures.ts';
import { bad, type Finding, look } from './finding.ts';
import type { StreamPicture } from './streams.ts';

/** Indexing this far behind the source is worth a look (s). */
const longLagSeconds = 300;

/** The same of a stream that reads on a schedule. */
const longHistoryLagSeconds = 3 * 3_600;

/** A stream that was not polled for so long, with nobody having asked for a pause, is worth a look (ms). */
const longSilenceMs = 180_000;

/** The replay window is closing when less than this share of it is left. */
const closingShare = 0.25;

/** What is the matter with a stream. @param fetchers how many are alive */
export function streamFindings(stream: StreamPicture, fetchers: number, now: number): Finding[] {
  const { id } = stream;
  if (stream.received === null) {
    return [
      look({
        title: `Stream ${id} has not started`,
        remedy:
          fetchers === 0 ? 'Start a fetcher.' : 'A fetcher begins by itself; its log says what it waits for.',
      }),
    ];
  }
  return [closing(stream, now), spooled(stream), notPolled(stream, fetchers, now), lagging(stream)].filter(
    (finding) => finding !== null,
  );
}

function closing(
  { id, drained, replayClosesAt, replayWindowMs }: StreamPicture,
  now: number,
): Finding | null {
  if (replayClosesAt === null || replayWindowMs === null) return null;
  const leftMs = replayClosesAt - now;
  if (leftMs >= closingShare * replayWindowMs) return null;
  // Nothing waits there, as far as anybody knows; it would be read from the window's start.
  if (leftMs <= 0 && drained === true) return null;
  return leftMs <= 0
    ? bad({
        title: `Stream ${id}: events have left Genesys' replay window unread`,
        remedy:
          'A gap record is written when fetching goes on; `trunkline reconcile audit` then tells what is missing.',
      })
    : bad({
        title: `Stream ${id}: the replay window closes in ${duration(leftMs)}`,
        detail: 'What is not received by then cannot be fetched any more.',
        remedy: 'Mend first what keeps the fetcher from polling.',
      });
}

function spooled({ id, outlet, spoolBatches }: StreamPicture): Finding | null {
  if (outlet !== 'spool') return null;
  const waits = spoolBatches === null ? 'batches wait' : `${count(spoolBatches)} batches wait`;
  return look({
    title: `Stream ${id} goes to the spool: the queue is above its high-water mark`,
    detail: `${waits} on the fetcher's disk; they come back by themselves when the queue is shorter.`,
    remedy: 'Mend what keeps the indexers, or start more of them.',
  });
}

function notPolled(stream: StreamPicture, fetchers: number, now: number): Finding | null {
  const { id, lastPollAt, pausedUntil, leaseHolder, kind } = stream;
  if (kind === 'backfill' || fetchers === 0 || (pausedUntil !== null && pausedUntil > now)) return null;
  if (leaseHolder === null) {
    return look({
      title: `Nobody polls stream ${id} at this moment`,
      remedy: 'A fetcher takes it within seconds; where none does, its log says why.',
    });
  }
  if (kind === 'history' || lastPollAt === null || now - lastPollAt < longSilenceMs) return null;
  return bad({
    title: `Stream ${id} was not polled for ${duration(now - lastPollAt)}`,
    remedy: 'Look at the log of its fetcher, and restart it.',
  });
}

function lagging({ id, kind, lagSeconds }: StreamPicture): Finding | null {
  if (kind === 'backfill' || lagSeconds === null) return null;
  if (lagSeconds <= (kind === 'history' ? longHistoryLagSeconds : longLagSeconds)) return null;
  return look({
    title: `Stream ${id} is ${duration(lagSeconds * 1_000)} behind`,
    detail: 'Between an event at Genesys and its document in Elasticsearch.',
    remedy: 'It catches up by itself unless something else is the matter; more indexers make it faster.',
  });
}
