/** Reading back what is indexed, for whoever compares it with the source. */
import { memberTexts, splitArray } from '@trunkline/json-source';
import { eventDigest } from './audit-event.ts';
import { eventTextOf } from './document.ts';
import type { Elasticsearch } from './elasticsearch.ts';
import { replyUnreadable } from './foreign-error.ts';

export interface ReadRange {
  /** Index, alias or pattern, e.g. `genesys-audit-*`. */
  indexPattern: string;
  /** By the event's date, ISO 8601, inclusive; `null`: no bound. With a bound, events without a readable date are left out. */
  from: string | null;
  /** Exclusive. */
  to: string | null;
}

export interface StoredEvent {
  id: string;
  index: string;
  /** As it was written beside the event; `null` in a document that Trunkline did not write. */
  digest: string | null;
  /** Computed from the stored source text; equal to `digest` unless the document was altered. */
  contentDigest: string | null;
  /** Whether the event stands in `trunkline.setAside`. */
  setAside: boolean;
}

const pageSize = 1_000;

/** Makes everything written so far visible to searches; for tests and one-off comparisons. */
export async function refresh(es: Elasticsearch, indexPattern: string, signal?: AbortSignal): Promise<void> {
  await es.ask({
    method: 'POST',
    path: `/${indexPattern}/_refresh`,
    what: 'to refresh',
    accept: [404],
    signal,
  });
}

export async function countEvents(
  es: Elasticsearch,
  range: ReadRange,
  signal?: AbortSignal,
): Promise<number> {
  return countOf(es, range.indexPattern, queryOf(range), signal);
}

/** How many documents a stream has written: events that were not there before. */
export async function countOfStream(
  es: Elasticsearch,
  indexPattern: string,
  stream: string,
  signal?: AbortSignal,
): Promise<number> {
  return countOf(es, indexPattern, { term: { 'trunkline.stream': stream } }, signal);
}

async function countOf(
  es: Elasticsearch,
  indexPattern: string,
  query: object,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { body } = await es.ask({
    method: 'POST',
    path: `/${indexPattern}/_count`,
    query: { ignore_unavailable: true },
    body: { query },
    what: 'to count events',
    signal,
  });
  const { count } = body as { count?: unknown };
  if (typeof count !== 'number') throw replyUnreadable('to count events');
  return count;
}

/**
 * Every document of a range as it stands at one point in time, each once, in no particular order.
 * The digests are computed from the source text as Elasticsearch holds it: no number passes through a double.
 */
export async function* readDigests(
  es: Elasticsearch,
  range: ReadRange,
  signal?: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  const what = 'to read events back';
  const opened = await es.ask({
    method: 'POST',
    path: `/${range.indexPattern}/_pit`,
    query: { keep_alive: '2m', ignore_unavailable: true },
    what,
    signal,
  });
  let pit = (opened.body as { id: string }).id;
  try {
    let after: string | null = null;
    for (;;) {
      // Without `filter_path` and source filtering: both write the source anew, through doubles.
      const { body } = await es.askText({
        method: 'POST',
        path: '/_search',
        // A shard that goes away between two pages would make its documents look missing.
        query: { allow_partial_search_results: false },
        body: {
          size: pageSize,
          query: queryOf(range),
          pit: { id: pit, keep_alive: '2m' },
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          ...(after === null ? {} : { search_after: JSON.parse(after) as unknown }),
        },
        what,
        signal,
      });
      const page = memberTexts(body);
      pit = JSON.parse(page.get('pit_id') ?? JSON.stringify(pit)) as string;
      const hits = hitsOf(page);
      for (const hit of hits) yield storedEvent(hit);
      const last = hits.at(-1)?.get('sort');
      if (hits.length < pageSize || last === undefined) return;
      after = last;
    }
  } finally {
    await es
      .ask({
        method: 'DELETE',
        path: '/_pit',
        body: { id: pit },
        what: 'to close a point in time',
        accept: [404],
      })
      .catch(() => {}); // it expires by itself
  }
}

function hitsOf(page: Map<string, string>): Map<string, string>[] {
  const hits = memberTexts(page.get('hits') ?? '{}').get('hits');
  return hits === undefined ? [] : splitArray(hits, 0).elements.map((text) => memberTexts(text));
}

function storedEvent(hit: Map<string, string>): StoredEvent {
  const source = hit.get('_source') ?? '{}';
  const text = eventTextOf(source);
  const own = memberTexts(memberTexts(source).get('trunkline') ?? '{}');
  const digest = own.get('digest');
  return {
    id: JSON.parse(hit.get('_id') ?? 'null') as string,
    index: JSON.parse(hit.get('_index') ?? 'null') as string,
    digest: digest === undefined ? null : (JSON.parse(digest) as string),
    contentDigest: text === null ? null : eventDigest(text),
    setAside: own.has('setAside'),
  };
}

function queryOf({ from, to }: ReadRange): object {
  if (from === null && to === null) return { match_all: {} };
  return { range: { date: { ...(from === null ? {} : { gte: from }), ...(to === null ? {} : { lt: to }) } } };
}
