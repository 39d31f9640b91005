import { type Elasticsearch, eventTextOf } from '@trunkline/elasticsearch-sink';
import { memberTexts, splitArray } from '@trunkline/json-source';

/** A document of an audit event, as Elasticsearch holds it. */
export interface StoredCopy {
  id: string;
  index: string;
  /** Of the event's text as it stands in the document; `null` where it is not Trunkline's. */
  digest: string | null;
}

/** Hits of one search: documents with the same id stand in several indices or under several routings only by mistake. */
const mostHits = 10_000;

/**
 * Every document that has one of the ids, in whatever index it stands.
 *
 * The answer is read as text, and no `filter_path` is used: either way Elasticsearch or JSON.parse would write numbers
 * anew.
 */
export async function readCopies(
  elasticsearch: Elasticsearch,
  indexPattern: string,
  ids: readonly string[],
  digestOf: (eventText: string) => string,
): Promise<StoredCopy[]> {
  const { body } = await elasticsearch.askText({
    method: 'POST',
    path: `/${indexPattern}/_search`,
    query: { ignore_unavailable: true, allow_no_indices: true },
    body: { size: mostHits, query: { ids: { values: ids } }, track_total_hits: false },
    what: 'to read events back',
  });
  const hits = memberTexts(memberTexts(body).get('hits') ?? '{}').get('hits') ?? '[]';
  return splitArray(hits, 0).elements.map((text) => {
    const hit = memberTexts(text);
    const source = eventTextOf(hit.get('_source') ?? '{}');
    return {
      id: JSON.parse(hit.get('_id') ?? 'null') as string,
      index: JSON.parse(hit.get('_index') ?? 'null') as string,
      digest: source === null ? null : digestOf(source),
    };
  });
}

/** Which of the digests stand in the dead-letter index, in whatever state. */
export async function readDeadDigests(
  elasticsearch: Elasticsearch,
  deadLetterIndex: string,
  digests: readonly string[],
): Promise<Set<string>> {
  const { body } = await elasticsearch.ask({
    method: 'POST',
    path: `/${deadLetterIndex}/_search`,
    query: { ignore_unavailable: true, allow_no_indices: true },
    body: { size: mostHits, query: { terms: { digest: digests } }, _source: ['digest'] },
    what: 'for dead letters',
  });
  const { hits } = (body as { hits: { hits: { _source: { digest: string } }[] } }).hits;
  return new Set(hits.map((hit) => hit._source.digest));
}
