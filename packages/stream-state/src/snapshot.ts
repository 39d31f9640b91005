import type { Redis } from 'ioredis';
import { LuaScript } from './lua-script.ts';
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

/** What Redis holds of a stream at one moment. */
export interface StreamSnapshot {
  /** `null`: the stream's state is not there (never started, or Redis was emptied). */
  readonly state: { received: Position; indexed: Position; receivedPage: string } | null;
  readonly epoch: string | null;
  readonly leaseHolder: string | null;
  /** Accepted batches above the watermark: those not settled yet, and those that wait for an earlier one. */
  readonly inFlightCount: number;
}

/**
 * KEYS[1] state, KEYS[2] epoch, KEYS[3] lease, KEYS[4] in-flight batches. Returns {fields and values, epoch, holder, count}.
 * No MULTI: a Redis that has reached its maxmemory refuses that even for reading, and nobody could see what is wrong.
 */
const readAll = new LuaScript(`
return {
  redis.call('HGETALL', KEYS[1]),
  redis.call('GET', KEYS[2]),
  redis.call('GET', KEYS[3]),
  redis.call('HLEN', KEYS[4])
}
`);

/** Reads a stream; for the fetcher before each poll, and for dashboard and command line. Writes nothing. */
export async function readStream(redis: Redis, keys: StreamKeys): Promise<StreamSnapshot> {
  const { state, epoch, lease, inFlight } = keys;
  const values = (await readAll.run(redis, [state, epoch, lease, inFlight], [])) as [
    string[],
    string | null,
    string | null,
    number,
  ];
  const hash: Record<string, string> = {};
  for (let at = 0; at + 1 < values[0].length; at += 2)
    hash[values[0][at] as string] = values[0][at + 1] ?? '';
  return {
    state:
      hash['receivedSeq'] === undefined
        ? null
        : {
            received: positionOf(hash['receivedCursor'], hash['receivedSeq'], hash['receivedAt']),
            indexed: positionOf(hash['indexedCursor'], hash['indexedSeq'], hash['indexedAt']),
            receivedPage: hash['receivedPage'] ?? '',
          },
    epoch: values[1],
    leaseHolder: values[2],
    inFlightCount: values[3],
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
