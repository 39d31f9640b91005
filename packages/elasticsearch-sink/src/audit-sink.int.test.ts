import { randomBytes } from 'node:crypto';
import { errorCodeOf } from '@trunkline/contracts';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type AuditEvent, EventReader } from './audit-event.ts';
import { countEvents, readDigests, refresh, type StoredEvent } from './audit-reader.ts';
import { AuditSink } from './audit-sink.ts';
import { type BulkItem, bulkItem } from './bulk-request.ts';
import type { DocumentForm } from './document.ts';
import { Elasticsearch } from './elasticsearch.ts';
import { defaultDateBounds } from './index-name.ts';

const prefix = `t${randomBytes(4).toString('hex')}-audit-`;
const settings = {
  indexPrefix: prefix,
  alias: `${prefix}logs`,
  stateIndex: `${prefix.slice(0, 9)}-state`,
  deadLetterIndex: `${prefix.slice(0, 9)}-dead-letters`,
  shards: 1,
  replicas: 0,
  retentionDays: 365,
};
const connection = {
  urls: [inject('elasticsearchUrl')],
  cloudId: null,
  apiKey: null,
  username: null,
  password: null,
  caFile: null,
  timeoutMs: 30_000,
};
const es = new Elasticsearch(connection);
const sink = new AuditSink(es, settings);
const reader = new EventReader({ prefix, ...defaultDateBounds, routing: 'resourceType' });
const context = { stream: 'default', ingestedAt: '2026-11-22T10:00:00.000Z' };
const now = Date.parse('2026-11-22T12:00:00Z');

function eventOf(text: string): AuditEvent {
  const read = reader.read(text);
  if (read.kind === 'malformed') throw new Error('no event');
  return read.event;
}

function itemOf(text: string, form: DocumentForm = 'fitting'): BulkItem {
  return bulkItem(eventOf(text), context, form);
}

async function stored(range: { from?: string; to?: string } = {}): Promise<Map<string, StoredEvent>> {
  await refresh(es, `${prefix}*`);
  const events = new Map<string, StoredEvent>();
  const whole = { indexPattern: `${prefix}*`, from: range.from ?? null, to: range.to ?? null };
  for await (const event of readDigests(es, whole)) events.set(event.id, event);
  return events;
}

async function request(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown> {
  const answer = await es.ask({ method, path, ...(body === undefined ? {} : { body }), what: 'in a test' });
  return answer.body;
}

beforeAll(async () => {
  await sink.install(now);
});

afterAll(async () => {
  for (const index of Object.keys(
    (await request('GET', `/${prefix.slice(0, 9)}*/_settings/index.uuid`)) as object,
  )) {
    await request('DELETE', `/${index}`);
  }
  const templates = [
    `${prefix}template`,
    `${prefix}undated-template`,
    `${settings.stateIndex}-template`,
    `${settings.deadLetterIndex}-template`,
  ];
  for (const name of templates) await request('DELETE', `/_index_template/${name}`);
  await es[Symbol.asyncDispose]();
});

describe('installing', () => {
  test('leaves today, tomorrow and the undated index behind, and is done once', async () => {
    const indices = Object.keys((await request('GET', `/${settings.alias}/_alias`)) as object).sort();
    expect(indices).toEqual([`${prefix}2026.11.22`, `${prefix}2026.11.23`, `${prefix}undated`]);
    expect((await sink.install(now)).written).toEqual([]);
  });

  test('writes templates again when a setting changed, and leaves those of a newer version alone', async () => {
    const changed = new AuditSink(es, { ...settings, shards: 2 });
    expect((await changed.install(now)).written).toEqual([`${prefix}template`, `${prefix}undated-template`]);
    const name = `${prefix}template`;
    const found = (await request('GET', `/_index_template/${name}`)) as {
      index_templates: { index_template: { _meta: object } }[];
    };
    const body = found.index_templates[0]?.index_template;
    await request('PUT', `/_index_template/${name}`, { ...body, _meta: { ...body?._meta, version: 999 } });
    expect(await sink.install(now)).toMatchObject({ kept: [name], written: [`${prefix}undated-template`] });
    await request('PUT', `/_index_template/${name}`, { ...body });
    expect((await sink.install(now)).written).toEqual([name]);
  });

  test('finds out that this cluster has no ILM', async () => {
    expect((await sink.install(now)).policy).toBeNull();
  });

  test('names a cluster that can never be green, with both remedies', async () => {
    expect(await sink.neverGreen()).toBeNull();
    const problem = await new AuditSink(es, { ...settings, replicas: 1 }).neverGreen();
    expect(problem?.code).toBe('ELASTICSEARCH_NEVER_GREEN');
    expect(problem?.message).toContain('AUDIT_REPLICAS=0');
    expect(problem?.message).toContain('ES_REQUIRED_HEALTH=yellow');
  });

  test('takes the replicas away from the indices of a single node when none are wanted', async () => {
    const index = `${prefix}2026.01.01`;
    await request('PUT', `/${index}`, { settings: { number_of_replicas: 1 } });
    expect((await sink.health('indices')).status).toBe('yellow');
    await sink.install(now);
    expect((await sink.health('indices')).status).toBe('green');
  });
});

describe('a batch with odd events', () => {
  const depth60 = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
  const keys2000 = `{${Array.from({ length: 2_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`;
  const odd: [string, string][] = [
    ['malformed ip', '"ipAddress":"999.1.2.3"'],
    ['bad date', '"date":"yesterday"'],
    ['date is an object', '"date":{"a":1}'],
    ['2,000 distinct keys', `"request":${keys2000}`],
    ['2,000 keys at the top', keys2000.slice(1, -1)],
    ['depth 60', `"response":${depth60}`],
    ['depth 2,000', `"extra":${'['.repeat(2_000)}${']'.repeat(2_000)}`],
    ['40 KB string in a keyword', `"userName":"${'x'.repeat(40_000)}"`],
    ['40 KB string in a request', `"request":{"note":"${'é'.repeat(20_000)}"}`],
    ['40 KB name', `"request":{"${'n'.repeat(40_000)}":1}`],
    ['__proto__', '"request":{"__proto__":{"admin":true}}'],
    ['__proto__ at the top', '"__proto__":{"admin":true}'],
    ['empty name', '"request":{"a":1},"":2'],
    ['only dots', '"..":2'],
    ['blank name', '" ":2'],
    ['NUL in a name', '"request":{"a\\u0000b":1}'],
    ['the same name twice', '"request":{"a":1,"a":2}'],
    ['a metadata field', '"_id":"x","_source":{}'],
    ['our own fields', '"ingestedAt":"never","trunkline":{"digest":"x"}'],
    ['request is a text', '"request":"text"'],
    ['user is an object', '"userId":{"id":"u"}'],
    ['sub-field of a keyword', '"userId.name":"u"'],
    ['1,500 digits', `"count":${'7'.repeat(1_500)}`],
    ['names of aliases', '"@timestamp":"2026-11-22","event":"x","user":{"id":"u"},"source":{"ip":null}'],
    ['genesys is a text', '"genesys":"text"'],
    ['genesys of depth 60', `"genesys":${depth60}`],
    ['genesys with 2,000 keys', `"genesys":${keys2000}`],
    ['40 KB string in genesys', `"genesys":{"context":{"note":"${'é'.repeat(20_000)}"}}`],
    ['several addresses, one of them none', '"ipAddress":["::1","999.1.2.3","10.0.0.1"]'],
    ['beyond 2^53', '"request":{"n":9007199254740993,"f":1.10000000000000000001e-7}'],
  ];
  const texts = odd.map(([name, member], n) => {
    const date = member.includes('"date"') ? '' : `"date":"2026-11-22T10:00:00Z",`;
    return `{"id":"odd-${n}",${date}"resourceType":"${name}","action":"A",${member}}`;
  });

  test('is indexed as a whole: no neighbour is lost and the mapping does not grow', async () => {
    const before = await request('GET', `/${prefix}*/_mapping`);
    const plain = Array.from({ length: 99 }, (_, n) =>
      itemOf(`{"id":"plain-${n}","date":"2026-11-22T11:00:00Z","resourceType":"Queue","n":${n}.0}`),
    );
    const outcomes = await sink.bulk([...texts.map((text) => itemOf(text)), ...plain]);
    expect(outcomes.filter(({ kind }) => kind !== 'created')).toEqual([]);
    expect(await request('GET', `/${prefix}*/_mapping`)).toEqual(before);
    const events = await stored();
    expect(events.size).toBe(texts.length + 99);
    for (const text of texts) {
      const { id, digest, index } = eventOf(text);
      expect(events.get(id)).toMatchObject({ digest, contentDigest: digest, index });
    }
  });

  test.each(odd.map(([name], n) => [name, n] as const))('%s: its bare form is taken too', async (_, n) => {
    const text = (texts[n] as string).replace(`"id":"odd-${n}"`, `"id":"bare-${n}"`);
    expect(await sink.bulk([itemOf(text, 'bare')])).toEqual([{ kind: 'created' }]);
  });

  test('finds its events by resource type, action and request', async () => {
    await refresh(es, `${prefix}*`);
    const { body } = await es.ask({
      method: 'POST',
      path: `/${settings.alias}/_search`,
      body: { query: { term: { 'request.n': '9007199254740993' } } },
      what: 'in a test',
    });
    expect((body as { hits: { total: { value: number } } }).hits.total.value).toBe(1);
  });

  test('is counted and read back by date', async () => {
    const day = { indexPattern: `${prefix}*`, from: '2026-11-22T11:00:00Z', to: '2026-11-22T12:00:00Z' };
    await refresh(es, `${prefix}*`);
    expect(await countEvents(es, day)).toBe(99);
    expect((await stored(day)).size).toBe(99);
    expect(await countEvents(es, { ...day, indexPattern: `${prefix}no-such-*` })).toBe(0);
  });
});

describe('an event that is there already', () => {
  const text = '{"id":"twice","date":"2026-11-22T10:00:00Z","resourceType":"Flow","a":1.10,"b":2}';

  test('answers so, and its digest can be compared', async () => {
    const differing = text.replace('1.10', '9007199254740993');
    const outcomes = await sink.bulk([itemOf(text), itemOf(differing)]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(['created', 'exists']);
    const reordered = '{"b":2,"a":1.10,"resourceType":"Flow","id":"twice","date":"2026-11-22T10:00:00Z"}';
    expect(await sink.bulk([itemOf(reordered)])).toEqual([{ kind: 'exists' }]);
    const absent = eventOf(text.replace('twice', 'absent'));
    expect(await sink.storedDigests([eventOf(differing), eventOf(reordered), absent])).toEqual([
      { kind: 'digest', digest: eventOf(text).digest },
      { kind: 'digest', digest: eventOf(reordered).digest },
      { kind: 'absent' },
    ]);
    expect(await sink.storedTexts([eventOf(differing), absent])).toEqual([
      { kind: 'text', text },
      { kind: 'absent' },
    ]);
    expect(eventOf(reordered).digest).toBe(eventOf(text).digest);
    expect(eventOf(differing).digest).not.toBe(eventOf(text).digest);
  });

  test('and was written by somebody else has no digest', async () => {
    await request('PUT', `/${prefix}2026.11.22/_create/foreign`, { id: 'foreign' });
    const event = eventOf('{"id":"foreign","date":"2026-11-22"}');
    expect(await sink.storedDigests([event])).toEqual([{ kind: 'unknown' }]);
    expect(await sink.storedTexts([event])).toEqual([{ kind: 'unknown' }]);
  });
});

describe('what Elasticsearch refuses', () => {
  test('is told by type and field, never by value', async () => {
    const index = `${prefix}2026.06.06`;
    // Somebody else's mapping: it takes no text for `action`.
    await request('PUT', `/${index}`, { mappings: { properties: { action: { type: 'long' } } } });
    const outcomes = await sink.bulk([
      itemOf('{"id":"refused","date":"2026-06-06","action":"Ada Lovelace"}'),
      itemOf('{"id":"beside","date":"2026-06-06"}'),
    ]);
    expect(outcomes).toEqual([
      { kind: 'dead', errorType: 'document_parsing_exception', field: 'action' },
      { kind: 'created' },
    ]);
    await request('DELETE', `/${index}`);
  });

  test('because of a write block is told with the block, and the block is found while it stands', async () => {
    const item = itemOf('{"id":"blocked","date":"2026-03-03"}');
    await sink.ensure(item.event.index);
    expect(await sink.writeBlocks([item.event.index])).toEqual([]);
    const block = (value: boolean | null) =>
      request('PUT', `/${item.event.index}/_settings`, { 'index.blocks.read_only_allow_delete': value });
    await block(true);
    expect(await sink.bulk([item])).toEqual([{ kind: 'blocked', blockId: '12' }]);
    expect(await sink.writeBlocks([item.event.index])).toEqual([{ index: item.event.index, blockId: '12' }]);
    await block(null);
    expect(await sink.bulk([item])).toEqual([{ kind: 'created' }]);
  });

  test('because it is not there any more is sent again into an index made anew', async () => {
    const item = itemOf('{"id":"again","date":"2026-04-04"}');
    await sink.bulk([item]);
    await request('DELETE', `/${item.event.index}`);
    const outcomes = await sink.bulk([item]);
    // The cluster may create the index by itself, under the template, or answer 404.
    if (outcomes[0]?.kind === 'retry') expect(await sink.bulk([item])).toEqual([{ kind: 'created' }]);
    const mapping = JSON.stringify(await request('GET', `/${item.event.index}/_mapping`));
    expect(mapping).toContain('"dynamic":"false"');
  });
});

describe('a template that somebody deleted', () => {
  test('does not let the mapping grow', async () => {
    await request('DELETE', `/_index_template/${prefix}template`);
    const item = itemOf('{"id":"no-template","date":"2026-05-05","surprise":{"a":1}}');
    expect(await sink.bulk([item])).toEqual([{ kind: 'created' }]);
    expect(JSON.stringify(await request('GET', `/${item.event.index}/_mapping`))).not.toContain('surprise');
    expect((await sink.install(now)).written).toEqual([`${prefix}template`]);
  });
});

describe('retention', () => {
  test('deletes the oldest expired days, few at a time, and never the undated index', async () => {
    const days = ['2020.01.01', '2020.01.02', '2020.01.03', '2020.01.04'];
    for (const day of days) await sink.ensure(`${prefix}${day}`);
    expect(await sink.deleteExpired(now)).toEqual(days.slice(0, 3).map((day) => `${prefix}${day}`));
    expect(await sink.deleteExpired(now)).toEqual([`${prefix}2020.01.04`]);
    expect(await sink.deleteExpired(now)).toEqual([]);
  });

  test('counts from the end of the day', async () => {
    const index = `${prefix}2025.06.01`;
    await sink.ensure(index);
    const end = Date.parse('2025-06-02T00:00:00Z') + 365 * 86_400_000;
    expect(await sink.deleteExpired(end - 1)).toEqual([]);
    expect(await sink.deleteExpired(end)).toEqual([index]);
  });
});

describe('health', () => {
  test('is that of the audit indices, or of the cluster', async () => {
    expect(await sink.health('indices')).toEqual({ status: 'green', unassignedShards: 0 });
    expect((await sink.health('cluster')).status).toMatch(/green|yellow|red/);
  });
});

describe('a cluster that is away', () => {
  test('is told as unreachable, without a word of what was sent', async () => {
    const away = new AuditSink(new Elasticsearch({ ...connection, urls: ['http://127.0.0.1:1'] }), settings);
    const failed = await away
      .bulk([itemOf('{"id":"ada","date":"2026-11-22"}')])
      .catch((error: unknown) => error);
    expect(errorCodeOf(failed)).toBe('ELASTICSEARCH_UNREACHABLE');
    expect(String(failed)).not.toContain('ada');
  });

  test('is not waited for longer than is set, and a caller that gives up gets its own reason', async () => {
    const { createServer } = await import('node:net');
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    await using slow = new Elasticsearch({
      ...connection,
      urls: [`http://127.0.0.1:${port}`],
      timeoutMs: 100,
    });
    const failed = await slow
      .ask({ method: 'GET', path: '/', what: 'in a test' })
      .catch((error: unknown) => error);
    expect(errorCodeOf(failed)).toBe('ELASTICSEARCH_UNREACHABLE');
    const reason = new Error('given up');
    await expect(
      slow.ask({ method: 'GET', path: '/', what: 'in a test', signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
    silent.close();
  });
});
