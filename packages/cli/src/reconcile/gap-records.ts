import type { Elasticsearch, GapRecord } from '@trunkline/elasticsearch-sink';

/** A gap record as it stands, with what a reconcile said of it. */
export interface KeptGap extends GapRecord {
  /** When a reconcile closed it (ISO 8601); `null`: it is open. */
  settledAt: string | null;
}

/** The gap records of streams, for whoever closes them; the fetcher writes them. */
export class GapRecords {
  readonly #es: Elasticsearch;
  readonly #index: string;

  constructor(es: Elasticsearch, settings: { stateIndex: string }) {
    this.#es = es;
    this.#index = settings.stateIndex;
  }

  /** The oldest first, at most 1,000. */
  async list(stream: string): Promise<KeptGap[]> {
    const answer = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_search`,
      query: { filter_path: 'hits.hits._source', ignore_unavailable: true },
      body: {
        size: 1_000,
        query: { bool: { filter: [{ term: { kind: 'gap' } }, { term: { stream } }] } },
        sort: [{ at: 'asc' }, { gapId: 'asc' }],
      },
      what: `for the gap records of the stream ${stream}`,
    });
    type Hit = { _source: Omit<GapRecord, 'id'> & { gapId: string; settledAt?: string } };
    const hits = (answer.body as { hits?: { hits?: Hit[] } } | null)?.hits?.hits ?? [];
    return hits.map(({ _source: { gapId, from, to, reason, at, settledAt } }) => ({
      id: gapId,
      from,
      to,
      reason,
      at,
      settledAt: settledAt ?? null,
    }));
  }

  /** Notes on the record that its range was found complete; when it was closed before, that stands. */
  async settle(stream: string, id: string, note: { at: string; by: string; why: string }): Promise<void> {
    await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_update/${encodeURIComponent(`gap:${stream}:${id}`)}`,
      query: { refresh: true, retry_on_conflict: 3 },
      body: { doc: { settledAt: note.at, settledBy: note.by, settledBecause: note.why } },
      what: `to close a gap record of the stream ${stream}`,
    });
  }
}
