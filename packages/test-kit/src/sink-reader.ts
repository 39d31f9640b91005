import { eventTextOf } from '@trunkline/elasticsearch-sink';
import { memberTexts, splitArray } from '@trunkline/json-source';

/** A document of the audit indices, with what of its event's source text is needed to compare. */
export interface SinkDocument {
  id: string;
  index: string;
  /** Of the event's text in it; `null` where the document is not Trunkline's. */
  digest: string | null;
  setAside: boolean;
}

const pageSize = 1_000;

/** Asks Elasticsearch; the body as its text, so that no number passes through a double. */
export async function askElasticsearch(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${url}${path}`, {
    method,
    signal: AbortSignal.timeout(60_000),
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Every document of the indices that match, as of now, each as often as it stands there. */
export async function readSink(
  url: string,
  indexPattern: string,
  digestOf: (eventText: string) => string,
): Promise<SinkDocument[]> {
  await askElasticsearch(url, 'POST', `/${indexPattern}/_refresh`);
  const opened = await askElasticsearch(
    url,
    'POST',
    `/${indexPattern}/_pit?keep_alive=1m&ignore_unavailable=true`,
  );
  if (opened.status === 404) return [];
  const pit = (JSON.parse(opened.text) as { id?: string }).id;
  if (pit === undefined)
    throw new Error(`Elasticsearch opens no point in time: ${opened.text.slice(0, 300)}`);
  const documents: SinkDocument[] = [];
  try {
    for (let after: string | null = null; ; ) {
      const { status, text } = await askElasticsearch(url, 'POST', '/_search', {
        size: pageSize,
        pit: { id: pit, keep_alive: '1m' },
        sort: [{ _shard_doc: 'asc' }],
        track_total_hits: false,
        ...(after === null ? {} : { search_after: JSON.parse(after) as unknown }),
      });
      if (status !== 200)
        throw new Error(`Elasticsearch answers ${status} to a search: ${text.slice(0, 300)}`);
      const hits = hitsOf(text);
      documents.push(...hits.map((hit) => documentOf(hit, digestOf)));
      const last: string | undefined = hits.at(-1)?.get('sort');
      if (hits.length < pageSize || last === undefined) return documents;
      after = last;
    }
  } finally {
    await askElasticsearch(url, 'DELETE', '/_pit', { id: pit });
  }
}

function hitsOf(reply: string): Map<string, string>[] {
  const hits = memberTexts(memberTexts(reply).get('hits') ?? '{}').get('hits');
  return hits === undefined ? [] : splitArray(hits, 0).elements.map((text) => memberTexts(text));
}

function documentOf(hit: Map<string, string>, digestOf: (eventText: string) => string): SinkDocument {
  const source = hit.get('_source') ?? '{}';
  const text = eventTextOf(source);
  const own = memberTexts(memberTexts(source).get('trunkline') ?? '{}');
  return {
    id: JSON.parse(hit.get('_id') ?? 'null') as string,
    index: JSON.parse(hit.get('_index') ?? 'null') as string,
    digest: text === null ? null : digestOf(text),
    setAside: own.has('setAside'),
  };
}
