import { type Elasticsearch, eventDigest, eventTextOf } from '@trunkline/elasticsearch-sink';
import { memberTexts, splitArray } from '@trunkline/json-source';
import type { SinkDocument } from './comparison.ts';

/** A document with its event's source text; for the few that need a second look. */
export interface StoredDocument extends SinkDocument {
  /** `null` in a document that Trunkline did not write. */
  stream: string | null;
  text: string | null;
}

const idsPerRequest = 100;

/**
 * Every document with one of these ids, in whatever index of the pattern and under whatever routing it stands. All shards have
 * to answer: one that is away would make its documents look missing.
 * @throws TrunklineError with an ELASTICSEARCH_ code
 */
export async function* documentsWithIds(
  es: Elasticsearch,
  indexPattern: string,
  ids: Iterable<string>,
): AsyncGenerator<StoredDocument, void, undefined> {
  for (const some of inGroups(ids, idsPerRequest)) {
    // Without `filter_path` and source filtering: both write the source anew, through doubles.
    const { body } = await es.askText({
      method: 'POST',
      path: `/${indexPattern}/_search`,
      query: { ignore_unavailable: true, allow_partial_search_results: false },
      body: { size: 10_000, query: { ids: { values: some } } },
      what: 'for documents by their ids',
    });
    const hits = memberTexts(memberTexts(body).get('hits') ?? '{}').get('hits');
    if (hits === undefined) continue;
    for (const hit of splitArray(hits, 0).elements) yield documentOf(memberTexts(hit));
  }
}

function documentOf(hit: Map<string, string>): StoredDocument {
  const source = hit.get('_source') ?? '{}';
  const text = eventTextOf(source);
  const own = memberTexts(memberTexts(source).get('trunkline') ?? '{}');
  return {
    id: stringOf(hit.get('_id')) ?? '',
    index: stringOf(hit.get('_index')) ?? '',
    stream: stringOf(own.get('stream')),
    digest: stringOf(own.get('digest')),
    text,
    contentDigest: text === null ? null : eventDigest(text),
  };
}

function stringOf(text: string | undefined): string | null {
  const value: unknown = text === undefined ? null : JSON.parse(text);
  return typeof value === 'string' ? value : null;
}

function* inGroups<T>(items: Iterable<T>, size: number): Generator<T[], void, undefined> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
