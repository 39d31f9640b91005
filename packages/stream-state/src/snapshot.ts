import type { Redis } from 'ioredis';
import type { StreamKeys } from './stream-keys.ts';

/** How far a side of the pipeline is. */
export interface Position {
  /** Opaque cursor of Genesys; `null`: none yet. */
  readonly cursor: string | null;
  /** Number of the last page; 0 before the first. */
  readonly seq: number;
  /** Time that this page reaches to, ms since 1970; `null` where no page told one. */
  readonly at: number | null;
}

/** What Redis holds of a stream, read in one transaction. */
export interface StreamSnapshot {
  /** `null`: the stream's state is not there (never started, or Redis was emptied). */
  readonly state: { received: Position; indexed: Position; receivedPage: string } | null;
  readonly epoch: string | null;
  readonly leaseHolder: string | null;
  /** Accepted batches above the watermark: those not settled yet, and those that wait for an earlier one. */
  readonly inFlightCount: number;
}

/** Reads a stream; for the fetcher before each poll, and for dashboard and command line. Writes nothing. */
export async function readStream(redis: Redis, keys: StreamKeys): Promise<StreamSnapshot> {
  const replies = await redis
    .multi()
    .hgetall(keys.state)
    .get(keys.epoch)
    .get(keys.lease)
    .hlen(keys.inFlight)
    .exec();
  const values = (replies ?? []).map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
  const hash = values[0] as Record<string, string>;
  return {
    state:
      hash['receivedSeq'] === undefined
        ? null
        : {
            received: positionOf(hash['receivedCursor'], hash['receivedSeq'], hash['receivedAt']),
            indexed: positionOf(hash['indexedCursor'], hash['indexedSeq'], hash['indexedAt']),
            receivedPage: hash['receivedPage'] ?? '',
          },
    epoch: values[1] as string | null,
    leaseHolder: values[2] as string | null,
    inFlightCount: values[3] as number,
  };
}

function positionOf(cursor: string | undefined, seq: string | undefined, at: string | undefined): Position {
  return {
    cursor: cursorOf(cursor ?? ''),
    seq: Number(seq ?? 0),
    at: at === undefined || at === '0' ? null : Number(at),
  };
}

/** Redis holds '' for no cursor. */
function cursorOf(text: string): string | null {
  return text === '' ? null : text;
}

/** A batch between accept and watermark. */
export interface InFlightBatch {
  readonly seq: number;
  readonly jobId: string;
  readonly done: boolean;
}

/** The accepted batches above the watermark, in order. */
export async function readInFlight(redis: Redis, keys: StreamKeys): Promise<InFlightBatch[]> {
  const entries = await redis.hgetall(keys.inFlight);
  return Object.entries(entries)
    .map(([seq, entry]) => {
      const [done, , jobId] = entry.split('|', 3);
      return { seq: Number(seq), jobId: jobId ?? '', done: done === '1' };
    })
    .sort((a, b) => a.seq - b.seq);
}
