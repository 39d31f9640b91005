import type { Redis } from 'ioredis';
import { LuaScript } from './lua-script.ts';
import * as scripts from './scripts.ts';
import { type InFlightBatch, readInFlight, readStream, type StreamSnapshot } from './snapshot.ts';
import { type StreamKeys, streamKeys } from './stream-keys.ts';

export type AcceptResult = 'accepted' | 'fenced' | 'moved';
export type SettleResult = 'settled' | 'early' | 'stale';
export type InitResult = 'ok' | 'exists' | 'fenced';
export type RewindResult = 'rewound' | 'fenced' | 'moved';

const script = {
  take: new LuaScript(scripts.take),
  renew: new LuaScript(scripts.renew),
  release: new LuaScript(scripts.release),
  init: new LuaScript(scripts.init),
  accept: new LuaScript(scripts.accept),
  settle: new LuaScript(scripts.settle),
  rewind: new LuaScript(scripts.rewind),
  forget: new LuaScript(scripts.forget),
};

/**
 * The state of one audit stream: how far it is received, how far it is indexed, and what lies between.
 *
 * Invariants: the watermark (`indexed`) never passes a batch that is not settled; only these calls write the stream's
 * keys; a call of a former lease holder changes nothing; a settle whose job id is not the accepted one changes nothing.
 * Every call is one atomic step in Redis and may be sent twice. Errors are those of ioredis.
 */
export class StreamState {
  readonly keys: StreamKeys;
  readonly #redis: Redis;

  constructor(redis: Redis, pipelinePrefix: string, stream: string) {
    this.#redis = redis;
    this.keys = streamKeys(pipelinePrefix, stream);
  }

  /**
   * Takes the lease where nobody holds it.
   * @param holder this process's instance; @param ttlMs how long it holds without renewal; @param token the new epoch
   */
  async take(holder: string, ttlMs: number, token: string): Promise<boolean> {
    const { lease, epoch } = this.keys;
    return (await script.take.run(this.#redis, [lease, epoch], [holder, ttlMs, token])) === 1;
  }

  /** Lengthens the lease; `false`: it is lost, stop polling. */
  async renew(holder: string, ttlMs: number, token: string): Promise<boolean> {
    const { lease, epoch } = this.keys;
    return (await script.renew.run(this.#redis, [lease, epoch], [holder, ttlMs, token])) === 1;
  }

  async release(holder: string): Promise<void> {
    await script.release.run(this.#redis, [this.keys.lease], [holder]);
  }

  /** Starts the stream at a checkpoint (`null`: from the replay window's start) where Redis holds none. */
  async init(token: string, holder: string, checkpoint: string | null): Promise<InitResult> {
    const { state, epoch, lease, inFlight, early } = this.keys;
    const keys = [state, epoch, lease, inFlight, early];
    return (await script.init.run(this.#redis, keys, [token, holder, checkpoint ?? ''])) as InitResult;
  }

  /**
   * Records a page as received, after its job is queued (or spooled).
   * `page` is a fingerprint of the page, by which a tail that is returned again is recognised; `at` the time it reaches to.
   */
  async accept(batch: {
    token: string;
    seq: number;
    before: string | null;
    after: string | null;
    jobId: string;
    page: string;
    empty: boolean;
    at: number | null;
  }): Promise<AcceptResult> {
    const { state, epoch, inFlight, early } = this.keys;
    return (await script.accept.run(
      this.#redis,
      [state, epoch, inFlight, early],
      [
        batch.token,
        batch.seq,
        batch.before ?? '',
        batch.after ?? '',
        batch.jobId,
        batch.page,
        batch.empty ? 1 : 0,
        batch.at ?? 0,
      ],
    )) as AcceptResult;
  }

  /**
   * Records a batch as settled: each event is created, a duplicate, or durably dead-lettered.
   * @param obsolete keys that are of no use from then on (the payload); deleted in the same step, whatever it finds
   */
  async settle(seq: number, jobId: string, obsolete: readonly string[] = []): Promise<SettleResult> {
    const { state, inFlight, early } = this.keys;
    const keys = [state, inFlight, early, ...obsolete];
    return (await script.settle.run(this.#redis, keys, [seq, jobId])) as SettleResult;
  }

  /** Goes back to the watermark because the batch `seq` is missing; everything in between is fetched again. */
  async rewind(token: string, seq: number, jobId: string, newToken: string): Promise<RewindResult> {
    const { state, epoch, inFlight, early } = this.keys;
    const keys = [state, epoch, inFlight, early];
    return (await script.rewind.run(this.#redis, keys, [token, seq, jobId, newToken])) as RewindResult;
  }

  /** Takes away what Redis holds of a stream that is read and settled to its end, as is on record elsewhere. */
  async forget(): Promise<void> {
    const { state, epoch, lease, inFlight, early } = this.keys;
    await script.forget.run(this.#redis, [state, epoch, lease, inFlight, early], []);
  }

  read(): Promise<StreamSnapshot> {
    return readStream(this.#redis, this.keys);
  }

  inFlight(): Promise<InFlightBatch[]> {
    return readInFlight(this.#redis, this.keys);
  }
}
