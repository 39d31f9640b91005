import type { Elasticsearch } from './elasticsearch.ts';
import { type IndexSettings, stateIndexBody } from './schema.ts';
import { IndexOnce } from './setup.ts';

/** A copy of a stream's indexed cursor, beside the data it speaks of. */
export interface Checkpoint {
  /** `''`: from the window's beginning. */
  cursor: string;
  seq: number;
  /** ISO 8601. */
  at: string;
}

/** A stretch of a stream that may not have been read; it may overstate, reconcile decides. */
export interface GapRecord {
  /** Deterministic: the same gap recorded twice is one record. */
  id: string;
  /** ISO 8601; `null` where it is not known. */
  from: string | null;
  to: string | null;
  reason: string;
  /** ISO 8601. */
  at: string;
}

/** A gap record as it stands, with what became of it. */
export interface KeptGap extends GapRecord {
  /** When a reconcile found its range complete, or a person acknowledged it (ISO 8601); `null`: it is open. */
  closedAt: string | null;
  closedBy: string | null;
  closedBecause: string | null;
}

/** A range of the past that a person asked for. Times are ISO 8601. */
export interface BackfillRequest {
  /** Id of the stream that reads it. */
  id: string;
  /** The stream of whose organisation and filter it is. */
  stream: string;
  /** [from, to) */
  from: string;
  to: string;
  requestedAt: string;
  /** As `user@host`. */
  requestedBy: string;
  state: 'open' | 'done' | 'refused';
  /** `null` while it is open. */
  endedAt: string | null;
  /** Why it was refused. */
  why: string | null;
}

type ClosingNote = Record<'closedAt' | 'closedBy' | 'closedBecause', string>;

/** Checkpoints, gap records and backfill requests of streams, in the index `trunkline-state`. */
export class StreamRecords {
  readonly #es: Elasticsearch;
  readonly #index: string;
  readonly #created: IndexOnce;

  constructor(es: Elasticsearch, settings: Pick<IndexSettings, 'stateIndex' | 'replicas'>) {
    this.#es = es;
    this.#index = settings.stateIndex;
    this.#created = new IndexOnce(es, settings.stateIndex, stateIndexBody(settings));
  }

  /**
   * Writes the checkpoint; the last writer wins. One that was delayed may put an older one in the place of a newer: that is
   * safe (more is read again, and discarded), and the next write mends it.
   */
  async writeCheckpoint(stream: string, checkpoint: Checkpoint, signal?: AbortSignal): Promise<void> {
    const { cursor, seq, at } = checkpoint;
    await this.#created.ensure();
    await this.#es.ask({
      method: 'PUT',
      path: this.#path('_doc', `checkpoint:${stream}`),
      body: { kind: 'checkpoint', stream, cursor, seq, at },
      what: `to keep the checkpoint of the stream ${stream}`,
      signal,
    });
  }

  /** `null` where none was ever written, or the index is gone. */
  async readCheckpoint(stream: string, signal?: AbortSignal): Promise<Checkpoint | null> {
    const answer = await this.#es.ask({
      method: 'GET',
      path: this.#path('_doc', `checkpoint:${stream}`),
      what: `for the checkpoint of the stream ${stream}`,
      accept: [404],
      signal,
    });
    if (answer.status === 404) return null;
    const { cursor, seq, at } = (answer.body as { _source: Checkpoint })._source;
    return { cursor, seq, at };
  }

  /** Resolves when the record is on disk; one that is there already stays as it is. */
  async writeGapRecord(stream: string, gap: GapRecord, signal?: AbortSignal): Promise<void> {
    const { id, ...record } = gap;
    await this.#created.ensure();
    await this.#es.ask({
      method: 'PUT',
      path: this.#path('_create', `gap:${stream}:${id}`),
      body: { kind: 'gap', stream, gapId: id, ...record },
      what: `to keep a gap record of the stream ${stream}`,
      accept: [409],
      signal,
    });
  }

  /** The gap records of a stream, the oldest first, at most 1,000; one that was just written may take a second to appear. */
  async listGapRecords(stream: string, signal?: AbortSignal): Promise<KeptGap[]> {
    const hits = await this.#list('gap', stream, [{ at: 'asc' }, { gapId: 'asc' }], signal);
    type Kept = Omit<GapRecord, 'id'> & { gapId: string } & Partial<ClosingNote>;
    return (hits as Kept[]).map(({ gapId, from, to, reason, at, ...closed }) => ({
      id: gapId,
      from,
      to,
      reason,
      at,
      closedAt: closed.closedAt ?? null,
      closedBy: closed.closedBy ?? null,
      closedBecause: closed.closedBecause ?? null,
    }));
  }

  /** Notes on a gap record that its range was found complete, or is accepted as it is: by whom and why. */
  async closeGapRecord(
    stream: string,
    id: string,
    note: { at: string; by: string; why: string },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#es.ask({
      method: 'POST',
      path: this.#path('_update', `gap:${stream}:${id}`),
      query: { refresh: true, retry_on_conflict: 3 },
      body: { doc: { closedAt: note.at, closedBy: note.by, closedBecause: note.why } },
      what: `to close a gap record of the stream ${stream}`,
      signal,
    });
  }

  /** Resolves when the request is on disk and can be listed; `false`: one of this id is there already, and stays as it is. */
  async requestBackfill(
    request: Omit<BackfillRequest, 'state' | 'endedAt' | 'why'>,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { id, stream, from, to, requestedAt, requestedBy } = request;
    const ended = { state: 'open', endedAt: null, why: null };
    await this.#created.ensure();
    const { status } = await this.#es.ask({
      method: 'PUT',
      path: this.#path('_create', `backfill:${id}`),
      query: { refresh: true },
      body: { kind: 'backfill', backfillId: id, stream, from, to, at: requestedAt, requestedBy, ...ended },
      what: `to keep a backfill of the stream ${stream}`,
      accept: [409],
      signal,
    });
    return status !== 409;
  }

  /** The ranges asked for of a stream, the oldest request first, at most 1,000. */
  async listBackfills(stream: string, signal?: AbortSignal): Promise<BackfillRequest[]> {
    const hits = await this.#list('backfill', stream, [{ at: 'asc' }], signal);
    type Kept = Omit<BackfillRequest, 'id' | 'requestedAt'> & { backfillId: string; at: string };
    return (hits as Kept[]).map(({ backfillId: id, stream, from, to, at: requestedAt, ...rest }) => {
      const { requestedBy, state, endedAt, why } = rest;
      return { id, stream, from, to, requestedAt, requestedBy, state, endedAt, why };
    });
  }

  async endBackfill(
    id: string,
    end: { state: 'done' | 'refused'; at: string; why: string | null },
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#es.ask({
      method: 'POST',
      path: this.#path('_update', `backfill:${id}`),
      query: { refresh: true, retry_on_conflict: 3 },
      body: { doc: { state: end.state, endedAt: end.at, why: end.why } },
      what: `to end the backfill ${id}`,
      signal,
    });
  }

  async #list(
    kind: 'gap' | 'backfill',
    stream: string,
    sort: readonly Record<string, 'asc'>[],
    signal: AbortSignal | undefined,
  ): Promise<unknown[]> {
    const answer = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_search`,
      query: { filter_path: 'hits.hits._source', ignore_unavailable: true },
      body: {
        size: 1_000,
        query: { bool: { filter: [{ term: { kind } }, { term: { stream } }] } },
        sort,
      },
      what: `for the ${kind} records of the stream ${stream}`,
      signal,
    });
    const found = answer.body as { hits?: { hits?: { _source: unknown }[] } };
    return (found.hits?.hits ?? []).map(({ _source }) => _source);
  }

  #path(endpoint: '_doc' | '_create' | '_update', id: string): string {
    return `/${this.#index}/${endpoint}/${encodeURIComponent(id)}`;
  }
}
