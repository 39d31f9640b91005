import { eventFields } from './event-fields.ts';
import { readReason, replyUnreadable } from './foreign-error.ts';

/** What became of one item of a `_bulk` request. */
export type ItemOutcome =
  | { kind: 'created' }
  /** 409: a document with this id stands there; whether it is the same is still to be compared. */
  | { kind: 'exists' }
  /** May succeed when sent again (429, 5xx, an index that is just being deleted). */
  | { kind: 'retry'; status: number; errorType: string }
  /** A write block on the index or the cluster: nothing can be written until it is lifted. */
  | { kind: 'blocked'; blockId: string }
  /** The key or user may not write there. */
  | { kind: 'denied'; action: string | null }
  /** Refused for good. */
  | { kind: 'dead'; errorType: string; field: string | null };

/** What is asked back of a `_bulk` request: nothing that is not read here, reasons only where there is an error. */
export const bulkFilterPath =
  'items.create._id,items.create.status,items.create.error.type,items.create.error.reason,items.create.failure_store';

const created: ItemOutcome = { kind: 'created' };
const exists: ItemOutcome = { kind: 'exists' };

/**
 * As `bulkOutcomes`, from the answer's text. Almost every answer tells of each item that it was created: such a text is known by
 * comparing it with what it then says, without making an object of each of its items.
 * @throws TrunklineError as `bulkOutcomes`; also where the text is no JSON
 */
export function bulkOutcomesOf(text: string, sentIds: readonly string[]): ItemOutcome[] {
  if (text === allCreated(sentIds)) return new Array<ItemOutcome>(sentIds.length).fill(created);
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    throw replyUnreadable('to index a batch');
  }
  return bulkOutcomes(reply, sentIds);
}

/** An id with a character that JSON escapes makes a text that no answer has. */
function allCreated(ids: readonly string[]): string {
  return `{"items":[${ids.map((id) => `{"create":{"_id":"${id}","status":201}}`).join(',')}]}`;
}

/**
 * The outcome of each item, in the order in which they were sent.
 *
 * @param reply the body of the answer
 * @throws TrunklineError ELASTICSEARCH_REPLY_UNREADABLE where the reply does not list exactly the items that were sent:
 *   what became of them is then unknown, and sending them again is harmless
 */
export function bulkOutcomes(reply: unknown, sentIds: readonly string[]): ItemOutcome[] {
  const items = (reply as { items?: unknown } | null)?.items;
  if (!Array.isArray(items) || items.length !== sentIds.length) throw replyUnreadable('to index a batch');
  return items.map((item, place) => {
    const result = (item as { create?: ReplyItem } | null)?.create;
    if (result === undefined || result === null || result._id !== sentIds[place]) {
      throw replyUnreadable('to index a batch');
    }
    return outcomeOf(result);
  });
}

interface ReplyItem {
  _id?: unknown;
  status?: unknown;
  error?: unknown;
  failure_store?: unknown;
}

function outcomeOf({ status, error, failure_store: failureStore }: ReplyItem): ItemOutcome {
  // A data stream's failure store answers success for a document that it did not take.
  if (failureStore === 'used' || failureStore === 'failed') {
    return { kind: 'dead', errorType: 'failure_store', field: null };
  }
  if (status === 201) return created;
  if (status === 409) return exists;
  if (typeof status !== 'number') throw replyUnreadable('to index a batch');
  // Success without creation: a pipeline of the cluster dropped the document.
  if (status < 300) return { kind: 'dead', errorType: 'not_created', field: null };
  const { type, field, blockId, deniedAction } = readReason(error, eventFields);
  if (blockId !== null && status < 500) return { kind: 'blocked', blockId };
  if (status === 401 || status === 403) return { kind: 'denied', action: deniedAction };
  if (status === 404 || status === 429 || status >= 500) return { kind: 'retry', status, errorType: type };
  return { kind: 'dead', errorType: type, field };
}
