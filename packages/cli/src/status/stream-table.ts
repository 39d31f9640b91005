/** Audit streams as a table, and as data. Pure. */
import { count, duration, type Picture, type StreamPicture } from '@trunkline/overview';
import { printable, table } from '../terminal/text.ts';
import { ago, iso, known, utc } from './figures.ts';

export function streamTable({ streams, takenAt }: Pick<Picture, 'streams' | 'takenAt'>): string {
  const head = [
    'STREAM',
    'RECEIVED TO',
    'INDEXED TO',
    'IN FLIGHT',
    'LAG',
    'REPLAY WINDOW',
    'POLLED',
    'NEXT BATCH',
    'SPOOL',
  ];
  const rows = streams.map((stream) => [
    printable(stream.id),
    reached(stream.received),
    reached(stream.indexed),
    count(stream.inFlight),
    lag(stream),
    replay(stream, takenAt),
    polled(stream, takenAt),
    known(stream.outlet, (outlet) =>
      outlet === 'none' ? 'waits: queue and spool are full' : `to the ${outlet}`,
    ),
    known(stream.spoolBatches, (batches) => (batches === 0 ? 'empty' : `${count(batches)} batches`)),
  ]);
  return table([head, ...rows]);
}

function reached(page: StreamPicture['received']): string {
  return page === null ? 'not started' : known(page.at, utc);
}

/** Without a fetcher that polls, the lag is the most that it can be. */
function lag({ lagSeconds, leaseHolder }: StreamPicture): string {
  return known(
    lagSeconds,
    (seconds) => `${leaseHolder === null ? 'up to ' : ''}${duration(seconds * 1_000)}`,
  );
}

function replay({ replayClosesAt }: StreamPicture, now: number): string {
  return known(replayClosesAt, (at) => (at <= now ? 'has closed' : `closes in ${duration(at - now)}`));
}

function polled({ pausedUntil, lastPollAt, leaseHolder }: StreamPicture, now: number): string {
  if (pausedUntil !== null && pausedUntil > now) return `Genesys: paused until ${utc(pausedUntil)}`;
  if (leaseHolder === null) return 'by nobody';
  return known(lastPollAt, (at) => ago(at, now));
}

/** Times as ISO 8601; `null`: not known. */
export function streamData(stream: StreamPicture) {
  const { received, indexed, replayClosesAt, lastPollAt, pausedUntil, ...rest } = stream;
  return {
    ...rest,
    received: received === null ? null : { seq: received.seq, at: iso(received.at) },
    indexed: indexed === null ? null : { seq: indexed.seq, at: iso(indexed.at) },
    replayClosesAt: iso(replayClosesAt),
    lastPollAt: iso(lastPollAt),
    pausedUntil: iso(pausedUntil),
  };
}
