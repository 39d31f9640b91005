/**
 * The searchable copy of the compliance chain. The chain lies in the archive's bucket and is the truth; what is lost here is
 * written again from there, and what stands here is a witness of how far the chain once went.
 */
import { TrunklineError } from '@trunkline/contracts';
import type { Elasticsearch } from './elasticsearch.ts';
import type { IndexBody } from './schema.ts';
import { IndexOnce } from './setup.ts';

/** One entry of the chain, as it is searched. */
export interface SearchableRecord {
  seq: number;
  /** SHA-256 of the entry in the chain, in hex. */
  digest: string;
  appendedAt: string;
  recordId: string;
  timestamp: string;
  action: string;
  conversationId: string;
  status: string;
  checksum: string | null;
  errorCode: string | null;
  details: Record<string, string | number | boolean | null>;
}

export interface CompliancePlace {
  seq: number;
  digest: string;
}

const keyword = { type: 'keyword' };

const mappings = {
  _meta: { application: 'trunkline', version: 1 },
  dynamic: false,
  properties: {
    seq: { type: 'long' },
    digest: keyword,
    appendedAt: { type: 'date' },
    recordId: keyword,
    timestamp: { type: 'date' },
    action: keyword,
    conversationId: keyword,
    status: keyword,
    checksum: keyword,
    errorCode: keyword,
    details: { type: 'flattened', ignore_above: 8_191 },
  },
};

export class ComplianceRecords {
  readonly #es: Elasticsearch;
  readonly #index: string;
  readonly #once: IndexOnce;

  constructor(es: Elasticsearch, { index, replicas }: { index: string; replicas: number }) {
    this.#es = es;
    this.#index = index;
    const body: IndexBody = {
      settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': replicas },
      mappings,
    };
    this.#once = new IndexOnce(es, index, body);
  }

  /**
   * The last entry that stands here, and how many do: fewer than its number where some are missing.
   * @throws TrunklineError with an ELASTICSEARCH_ code
   */
  async last(signal?: AbortSignal): Promise<{ last: CompliancePlace | null; count: number }> {
    const { status, body } = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_search`,
      body: { size: 1, sort: [{ seq: 'desc' }], _source: ['seq', 'digest'], track_total_hits: true },
      what: 'for the last compliance record',
      accept: [404],
      signal,
    });
    if (status === 404) return { last: null, count: 0 };
    const { hits } = body as { hits: { total: { value: number }; hits: { _source: CompliancePlace }[] } };
    return { last: hits.hits[0]?._source ?? null, count: hits.total.value };
  }

  /**
   * Adds entries; one that stands here already is left as it is.
   * @returns numbers of those that stand here with another digest: the chain was rewritten, or the copy was
   * @throws TrunklineError with an ELASTICSEARCH_ code where one could not be added
   */
  async add(records: readonly SearchableRecord[], signal?: AbortSignal): Promise<number[]> {
    if (records.length === 0) return [];
    await this.#once.ensure();
    const lines = records.map(
      (record) => `${JSON.stringify({ create: { _id: String(record.seq) } })}\n${JSON.stringify(record)}\n`,
    );
    const { body } = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_bulk`,
      lines: lines.join(''),
      what: 'to add compliance records',
      signal,
    });
    const { items } = body as { items: { create: { status: number; error?: { type?: string } } }[] };
    const present: number[] = [];
    for (const [at, { create }] of items.entries()) {
      if (create.status < 300) continue;
      if (create.status !== 409) throw notAdded(create);
      present.push(records[at]?.seq ?? 0);
    }
    return present.length === 0 ? [] : this.#differing(records, present, signal);
  }

  async #differing(
    records: readonly SearchableRecord[],
    present: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<number[]> {
    const { body } = await this.#es.ask({
      method: 'POST',
      path: `/${this.#index}/_mget`,
      query: { _source_includes: 'digest' },
      body: { ids: present.map(String) },
      what: 'for compliance records that stand there already',
      signal,
    });
    const { docs } = body as { docs: { _id: string; _source?: { digest?: string } }[] };
    const digests = new Map(docs.map(({ _id, _source }) => [Number(_id), _source?.digest]));
    return records
      .filter(({ seq, digest }) => present.includes(seq) && digests.get(seq) !== digest)
      .map(({ seq }) => seq);
  }
}

function notAdded({ status, error }: { status: number; error?: { type?: string } }): TrunklineError {
  const type = /^[a-z_]{1,80}$/.test(error?.type ?? '') ? error?.type : 'unknown';
  return new TrunklineError(
    status === 429 || status >= 500 ? 'ELASTICSEARCH_OVERLOADED' : 'ELASTICSEARCH_SETUP_REFUSED',
    {
      message: `Elasticsearch answered ${status} (${type}) to a compliance record.`,
      remedy:
        'It is tried again by itself; the record stands in the chain. Check the index of COMPLIANCE_INDEX when it lasts.',
    },
  );
}
