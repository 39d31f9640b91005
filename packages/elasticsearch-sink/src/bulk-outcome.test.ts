import { errorCodeOf } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import { bulkOutcomes, bulkOutcomesOf, type ItemOutcome } from './bulk-outcome.ts';

function outcome(item: object): ItemOutcome | undefined {
  return bulkOutcomes({ items: [{ create: { _id: 'a', ...item } }] }, ['a'])[0];
}

describe('the outcome of an item', () => {
  test.each<[object, ItemOutcome]>([
    [{ status: 201 }, { kind: 'created' }],
    [
      { status: 409, error: { type: 'version_conflict_engine_exception', reason: '[a]: ...' } },
      { kind: 'exists' },
    ],
    [
      { status: 429, error: { type: 'es_rejected_execution_exception', reason: 'rejected execution' } },
      { kind: 'retry', status: 429, errorType: 'es_rejected_execution_exception' },
    ],
    [
      {
        status: 503,
        error: { type: 'unavailable_shards_exception', reason: '[i][0] primary shard is not active' },
      },
      { kind: 'retry', status: 503, errorType: 'unavailable_shards_exception' },
    ],
    [
      { status: 404, error: { type: 'index_not_found_exception', reason: 'no such index [i]' } },
      { kind: 'retry', status: 404, errorType: 'index_not_found_exception' },
    ],
    [
      {
        status: 429,
        error: {
          type: 'cluster_block_exception',
          reason:
            'index [i] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];',
        },
      },
      { kind: 'blocked', blockId: '12' },
    ],
    [
      {
        status: 403,
        error: {
          type: 'cluster_block_exception',
          reason: 'index [i] blocked by: [FORBIDDEN/8/index write (api)];',
        },
      },
      { kind: 'blocked', blockId: '8' },
    ],
    [
      {
        status: 503,
        error: { type: 'cluster_block_exception', reason: 'blocked by: [SERVICE_UNAVAILABLE/2/no master];' },
      },
      { kind: 'retry', status: 503, errorType: 'cluster_block_exception' },
    ],
    [
      {
        status: 403,
        error: {
          type: 'security_exception',
          reason:
            'action [indices:data/write/bulk[s]] is unauthorized for API key id [x] of user [Ada] on indices [i]',
        },
      },
      { kind: 'denied', action: 'indices:data/write/bulk[s]' },
    ],
    [
      {
        status: 400,
        error: {
          type: 'document_parsing_exception',
          reason:
            "[1:15] failed to parse field [userId] of type [keyword] in document with id 'a'. Preview of field's value: '{name=Ada}'",
        },
      },
      { kind: 'dead', errorType: 'document_parsing_exception', field: 'userId' },
    ],
    [
      {
        status: 400,
        error: {
          type: 'illegal_argument_exception',
          reason: 'Document contains an immense term in field="userName"',
        },
      },
      { kind: 'dead', errorType: 'illegal_argument_exception', field: 'userName' },
    ],
    [
      // A name that an event brings along is a value like any other.
      {
        status: 400,
        error: { type: 'x_content_parse_exception', reason: 'failed to parse field [AdaLovelace]' },
      },
      { kind: 'dead', errorType: 'x_content_parse_exception', field: null },
    ],
    [{ status: 400 }, { kind: 'dead', errorType: 'unknown', field: null }],
    [{ status: 200 }, { kind: 'dead', errorType: 'not_created', field: null }],
    [
      { status: 201, failure_store: 'used' },
      { kind: 'dead', errorType: 'failure_store', field: null },
    ],
  ])('%j is %j', (item, expected) => {
    expect(outcome(item)).toEqual(expected);
  });
});

describe('a reply that does not list what was sent', () => {
  test.each<[unknown]>([
    [null],
    [undefined],
    ['<html>'],
    [{}],
    [{ items: [] }],
    [{ items: [{ create: { _id: 'a', status: 201 } }] }],
    [{ items: [{ create: { _id: 'b', status: 201 } }, { create: { _id: 'a', status: 201 } }] }],
    [{ items: [{ index: { _id: 'a', status: 201 } }, { create: { _id: 'b', status: 201 } }] }],
    [{ items: [{ create: { _id: 'a' } }, { create: { _id: 'b', status: 201 } }] }],
    [{ items: [null, { create: { _id: 'b', status: 201 } }] }],
  ])('says nothing about any item: %j', (reply) => {
    let thrown: unknown;
    try {
      bulkOutcomes(reply, ['a', 'b']);
    } catch (error) {
      thrown = error;
    }
    expect(errorCodeOf(thrown)).toBe('ELASTICSEARCH_REPLY_UNREADABLE');
  });
});

describe('an answer as text', () => {
  const one = (id: string, status: number) => ({ create: { _id: id, status } });

  test.each([
    ['tells that all were created', ['a', 'b'], [one('a', 201), one('b', 201)], ['created', 'created']],
    ['tells that one was there', ['a', 'b'], [one('a', 201), one('b', 409)], ['created', 'exists']],
    ['has ids with escapes', ['a"\n'], [one('a"\n', 201)], ['created']],
  ])('%s', (_, ids, items, kinds) => {
    expect(bulkOutcomesOf(JSON.stringify({ items }), ids).map(({ kind }) => kind)).toEqual(kinds);
  });

  test.each([
    ['is cut', '{"items":[{"create":{"_id":"a","status":201}}'],
    ['tells of another item', JSON.stringify({ items: [one('b', 201)] })],
    ['tells of more items', JSON.stringify({ items: [one('a', 201), one('a', 201)] })],
    ['is empty', ''],
  ])('that %s is unreadable', (_, text) => {
    expect(() => bulkOutcomesOf(text, ['a'])).toThrow(
      expect.objectContaining({ code: 'ELASTICSEARCH_REPLY_UNREADABLE' }),
    );
  });
});
