import type { Interference } from './http-fault-proxy.ts';

/** What a `_bulk` reply says of one item. */
export interface ItemReply {
  status: number;
  error?: { type: string; reason: string };
  [member: string]: unknown;
}

/** Elasticsearch's error object, as in a reply that refuses a whole request. */
export function elasticsearchError(status: number, type: string, reason: string): object {
  return { error: { root_cause: [{ type, reason }], type, reason }, status };
}

/** The item met a full write queue. */
export const itemRejected: ItemReply = {
  status: 429,
  error: { type: 'es_rejected_execution_exception', reason: 'rejected execution of primary operation' },
};

/** The item is refused for good. */
export const itemRefused: ItemReply = {
  status: 400,
  error: { type: 'document_parsing_exception', reason: 'failed to parse field [action] of type [keyword]' },
};

/** The item's shard is away. */
export const itemWithoutShard: ItemReply = {
  status: 503,
  error: { type: 'unavailable_shards_exception', reason: '[index][0] primary shard is not active' },
};

/** A failure store took the document, and the item counts as a success. */
export const itemInFailureStore: ItemReply = { status: 201, result: 'created', failure_store: 'used' };

/**
 * Every `nth` item of a `_bulk` (the first one included) does not reach the server, and the reply says `told` of it; the
 * others are carried out as usual.
 */
export function withholdItems(nth: number, told: ItemReply): Interference {
  const isWithheld = (place: number): boolean => place % nth === 0;
  return {
    kind: 'exchange',
    request: ({ body }) => {
      const passed = itemsOf(body).filter((_, place) => !isWithheld(place));
      return Buffer.from(passed.map(({ action, document }) => `${action}\n${document}\n`).join(''));
    },
    reply: (reply, { body }) => {
      const answered = JSON.parse(reply.body.toString('utf8')) as { items?: object[] };
      const carriedOut = [...(answered.items ?? [])];
      const items = itemsOf(body).map(({ action }, place) => {
        if (!isWithheld(place)) return carriedOut.shift();
        const { create } = JSON.parse(action) as { create: { _id: string; _index: string } };
        return { create: { _index: create._index, _id: create._id, ...told } };
      });
      // A bulk of which nothing is left is refused as empty by the server; its items have their own answers.
      return { ...reply, status: 200, body: Buffer.from(JSON.stringify({ ...answered, items })) };
    },
  };
}

function itemsOf(body: Buffer): { action: string; document: string }[] {
  const lines = body.toString('utf8').split('\n');
  const items: { action: string; document: string }[] = [];
  for (let line = 0; line + 1 < lines.length; line += 2) {
    items.push({ action: lines[line] ?? '', document: lines[line + 1] ?? '' });
  }
  return items;
}
