import { createHash, randomBytes } from 'node:crypto';
import { errorCodeOf } from '@trunkline/contracts';
import { afterAll, expect, inject, test } from 'vitest';
import { eventDigest } from './audit-event.ts';
import { refresh } from './audit-reader.ts';
import { DeadLetters, deadLetterId, type NewDeadLetter } from './dead-letters.ts';
import { Elasticsearch } from './elasticsearch.ts';

const index = `t${randomBytes(4).toString('hex')}-dead-letters`;
const es = new Elasticsearch({
  urls: [inject('elasticsearchUrl')],
  cloudId: null,
  apiKey: null,
  username: null,
  password: null,
  caFile: null,
  timeoutMs: 30_000,
});
/** Not secret, but tied to its place: opening under another id fails. */
const sealer = {
  seal: (bytes: Buffer, data: string) => Buffer.concat([mark(data), bytes.map((byte) => byte ^ 0xff)]),
  open: (sealed: Buffer, data: string) => {
    if (!sealed.subarray(0, 32).equals(mark(data))) throw new Error('sealed for another place');
    return Buffer.from(sealed.subarray(32).map((byte) => byte ^ 0xff));
  },
};
const mark = (data: string): Buffer => createHash('sha256').update(data).digest();
const letters = new DeadLetters(es, { deadLetterIndex: index, replicas: 0 }, sealer);

function letterFor(id: string, body: string, more: Partial<NewDeadLetter> = {}): NewDeadLetter {
  const text = JSON.stringify({ id, userName: 'Ada Lovelace', body });
  return {
    stream: 'default',
    code: 'AUDIT_EVENT_REFUSED',
    field: 'userId',
    errorType: 'document_parsing_exception',
    eventId: id,
    digest: eventDigest(text),
    deadLetteredAt: '2026-11-22T10:00:00.000Z',
    text,
    ...more,
  };
}

afterAll(async () => {
  await es.ask({ method: 'DELETE', path: `/${index}`, what: 'in a test' });
  await es[Symbol.asyncDispose]();
});

test('a dead letter is kept once under the id of its event, and read back with its text', async () => {
  const letter = letterFor('e-1', 'ä "quoted" \u{1f600}');
  expect(await letters.put([letter])).toEqual(['e-1']);
  expect(await letters.put([{ ...letter, deadLetteredAt: '2026-11-23T00:00:00.000Z' }])).toEqual(['e-1']);
  const { text: _, ...reason } = letter;
  expect(await letters.get('e-1')).toEqual({
    ...reason,
    id: 'e-1',
    text: letter.text,
    status: 'open',
    attempts: 0,
    changedAt: null,
    by: null,
    discardReason: null,
  });
});

test('a differing body never takes the place of another', async () => {
  const first = letterFor('e-2', 'one');
  const second = letterFor('e-2', 'two');
  const third = letterFor('e-2', 'three');
  const ids = await letters.put([first, second, third]);
  expect(new Set(ids).size).toBe(3);
  expect(await letters.put([first, second, third])).toEqual(ids);
  for (const [n, letter] of [first, second, third].entries()) {
    expect((await letters.get(ids[n] as string))?.text).toBe(letter.text);
  }
});

test('conflicts and malformed texts are told apart by their bodies', async () => {
  const conflict = letterFor('e-3', 'x', { code: 'AUDIT_ID_CONFLICT' });
  const other = letterFor('e-3', 'y', { code: 'AUDIT_ID_CONFLICT' });
  const malformed = letterFor('none', 'z', { code: 'AUDIT_EVENT_MALFORMED', eventId: null, text: '[1' });
  const ids = await letters.put([conflict, other, malformed]);
  expect(ids).toEqual([conflict, other, malformed].map(deadLetterId));
  expect(new Set([...ids, 'e-3']).size).toBe(4);
  expect((await letters.get(ids[2] as string))?.text).toBe('[1');
});

test('no value of an event is readable in the index', async () => {
  await letters.put([letterFor('e-4', 'secret')]);
  const { body } = await es.askText({ method: 'GET', path: `/${index}/_doc/e-4`, what: 'in a test' });
  expect(body).not.toContain('Lovelace');
  expect(body).not.toContain(Buffer.from('Lovelace').toString('base64').slice(0, 8));
});

test('dead letters are listed in pages, counted by code, requeued and discarded', async () => {
  const stream = 'listed';
  const many = Array.from({ length: 5 }, (_, n) =>
    letterFor(`l-${n}`, 'x', { stream, deadLetteredAt: `2026-11-22T10:00:0${n % 2}.000Z` }),
  );
  await letters.put(many);
  await refresh(es, index);
  const seen: string[] = [];
  let after: unknown[] | null = null;
  do {
    const page: Awaited<ReturnType<DeadLetters['list']>> = await letters.list({ stream }, after, 2);
    seen.push(...page.letters.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  expect(seen).toEqual(['l-0', 'l-2', 'l-4', 'l-1', 'l-3']);

  await letters.markRequeued('l-0', '2026-11-23T00:00:00.000Z', 'ops');
  await letters.discard('l-1', 'a test event', '2026-11-23T00:00:00.000Z', 'ops');
  await letters.markRefusedAgain(
    'l-2',
    { code: 'AUDIT_EVENT_TOO_LARGE', field: null, errorType: null },
    '2026-11-23T00:00:00.000Z',
  );
  expect((await letters.list({ stream, status: 'open' })).letters.map(({ id }) => id)).toEqual([
    'l-2',
    'l-4',
    'l-3',
  ]);
  expect(await letters.get('l-0')).toMatchObject({ status: 'requeued', attempts: 1, by: 'ops' });
  expect(await letters.get('l-1')).toMatchObject({ status: 'discarded', discardReason: 'a test event' });
  expect(await letters.countsByCode()).toMatchObject({ AUDIT_EVENT_TOO_LARGE: 1 });
});

test('two who change one dead letter at the same time both have their say', async () => {
  await letters.put([letterFor('e-5', 'x')]);
  const at = '2026-11-23T00:00:00.000Z';
  await Promise.all(Array.from({ length: 3 }, () => letters.markRequeued('e-5', at, null)));
  expect(await letters.get('e-5')).toMatchObject({ status: 'requeued', attempts: 3 });
});

test('a dead letter that is not there is null, and cannot be changed', async () => {
  expect(await letters.get('no-such')).toBeNull();
  const failed = await letters.markRequeued('no-such', '', null).catch((error: unknown) => error);
  expect(errorCodeOf(failed)).toBe('DEAD_LETTER_MISSING');
});

test('a write block keeps a dead letter from being promised', async () => {
  const block = (value: boolean | null) =>
    es.ask({
      method: 'PUT',
      path: `/${index}/_settings`,
      body: { 'index.blocks.write': value },
      what: 'in a test',
    });
  await block(true);
  const failed = await letters.put([letterFor('e-6', 'x')]).catch((error: unknown) => error);
  expect(errorCodeOf(failed)).toBe('ELASTICSEARCH_WRITE_BLOCKED');
  await block(null);
  expect(await letters.put([letterFor('e-6', 'x')])).toEqual(['e-6']);
});
