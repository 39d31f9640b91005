import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { EventReader } from './audit-event.ts';
import { refresh } from './audit-reader.ts';
import { AuditSink } from './audit-sink.ts';
import { bulkItem } from './bulk-request.ts';
import { Elasticsearch } from './elasticsearch.ts';
import { defaultDateBounds } from './index-name.ts';

const own = `t${randomBytes(4).toString('hex')}`;
const prefix = `${own}-audit-`;
const settings = {
  indexPrefix: prefix,
  alias: `${prefix}logs`,
  stateIndex: `${own}-state`,
  deadLetterIndex: `${own}-dead-letters`,
  shards: 1,
  replicas: 0,
  retentionDays: 365,
};
const es = new Elasticsearch({
  urls: [inject('elasticsearchUrl')],
  cloudId: null,
  apiKey: null,
  username: null,
  password: null,
  caFile: null,
  timeoutMs: 30_000,
});
const sink = new AuditSink(es, settings);
const reader = new EventReader({ prefix, ...defaultDateBounds, routing: 'resourceType' });
const now = Date.parse('2026-11-22T12:00:00Z');

/** Of the first version, as far as it counts here. */
const oldMappings = {
  _meta: { application: 'trunkline', version: 1 },
  dynamic: false,
  properties: {
    id: { type: 'keyword' },
    date: { type: 'date', format: 'strict_date_optional_time||epoch_millis', ignore_malformed: true },
    action: { type: 'keyword', ignore_above: 8_191 },
    userName: { type: 'keyword', ignore_above: 8_191 },
  },
};
const oldDocument = { id: 'old', date: '2026-11-20T10:00:00Z', action: 'UPDATE', userName: 'Ada Lovelace' };

const events = [
  '{"id":"guide","date":"2026-11-22T10:00:00Z","userId":"u-1","userName":"Ada Lovelace","action":"UPDATE","ipAddress":"203.0.113.9"}',
  '{"id":"platform","date":"2026-11-22T11:00:00Z","userId":"u-2","userName":"Grace Hopper","resourceType":"Queue","action":"Update","ipAddress":["10.0.0.1","2001:db8::7"],"genesys":{"serviceName":"Routing","status":"SUCCESS","propertyChanges":[{"property":"wrapUp","oldValues":["1"],"newValues":["2"]}],"context":{"a.b":"c"}}}',
];

async function request(
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<unknown> {
  return (await es.ask({ method, path, ...(body === undefined ? {} : { body }), what: 'in a test' })).body;
}

async function idsOf(query: object): Promise<string[]> {
  const body = (await request('POST', `/${settings.alias}/_search`, { query })) as {
    hits: { hits: { _id: string }[] };
  };
  return body.hits.hits.map(({ _id }) => _id).sort();
}

beforeAll(async () => {
  const aliases = { [settings.alias]: {} };
  await request('PUT', `/${prefix}2026.11.20`, { mappings: oldMappings, aliases });
  await request('PUT', `/${prefix}2026.11.20/_doc/old`, oldDocument);
  // Somebody gave this one a field of a name that an alias needs.
  const changed = { ...oldMappings, properties: { ...oldMappings.properties, user: { type: 'keyword' } } };
  await request('PUT', `/${prefix}2026.11.19`, { mappings: changed });
  // And this one is none of ours.
  await request('PUT', `/${prefix}2026.11.18`, { mappings: { properties: { date: { type: 'date' } } } });
});

afterAll(async () => {
  const indices = Object.keys((await request('GET', `/${own}*/_settings/index.uuid`)) as object);
  await request('DELETE', `/${indices.join(',')}`);
  await request('DELETE', `/_index_template/${own}*`);
  await es[Symbol.asyncDispose]();
});

test('an index of an older version is given what it lacks, once, and one that refuses holds up nothing', async () => {
  const untouched = await request('GET', `/${prefix}2026.11.18/_mapping`);
  expect(await sink.install(now)).toMatchObject({ extended: 1, notExtended: 1 });
  expect(await sink.install(now)).toMatchObject({ extended: 0, notExtended: 1 });
  expect(await request('GET', `/${prefix}2026.11.18/_mapping`)).toEqual(untouched);
});

describe('a search by names of the Elastic Common Schema', () => {
  beforeAll(async () => {
    await sink.install(now);
    const context = { stream: 'default', ingestedAt: '2026-11-22T12:00:00.000Z' };
    const items = events.map((text) => {
      const read = reader.read(text);
      if (read.kind === 'malformed') throw new Error('no event');
      return bulkItem(read.event, context, 'fitting');
    });
    expect(await sink.bulk(items)).toEqual([{ kind: 'created' }, { kind: 'created' }]);
    await refresh(es, `${prefix}*`);
  });

  test.each<[string, object, string[]]>([
    [
      'time',
      { range: { '@timestamp': { gte: '2026-11-20', lt: '2026-11-22T10:30:00Z' } } },
      ['guide', 'old'],
    ],
    ['action', { term: { 'event.action': 'UPDATE' } }, ['guide', 'old']],
    ['id', { term: { 'event.id': 'platform' } }, ['platform']],
    ['user id', { term: { 'user.id': 'u-2' } }, ['platform']],
    ['user name', { match_phrase: { 'user.name': 'Ada Lovelace' } }, ['guide', 'old']],
    ['full name', { prefix: { 'user.full_name': 'Grace' } }, ['platform']],
    ['address', { term: { 'source.ip': '203.0.113.0/24' } }, ['guide']],
    ['any of several addresses', { term: { 'source.ip': '2001:db8::/32' } }, ['platform']],
    ['time of indexing', { range: { 'event.ingested': { gte: '2026-11-22' } } }, ['guide', 'platform']],
    ['what stands under genesys', { term: { 'genesys.status': 'SUCCESS' } }, ['platform']],
    ['a value anywhere under genesys', { term: { genesys: 'wrapUp' } }, ['platform']],
  ])('finds by %s', async (_, query, ids) => {
    expect(await idsOf(query)).toEqual(ids);
  });

  test('is what Discover asks: newest first, a histogram, the fields by those names, over old and new indices', async () => {
    const found = await request('POST', `/${settings.alias}/_search`, {
      size: 500,
      sort: [
        { '@timestamp': { order: 'desc', format: 'strict_date_optional_time', unmapped_type: 'boolean' } },
      ],
      fields: [
        { field: '@timestamp', format: 'strict_date_optional_time' },
        'event.action',
        'user.*',
        'source.ip',
      ],
      _source: false,
      query: {
        bool: {
          filter: [
            { query_string: { query: 'user.name:"Ada Lovelace" OR source.ip:"10.0.0.0/8"' } },
            { range: { '@timestamp': { gte: '2026-11-01T00:00:00.000Z', lte: '2026-11-30T00:00:00.000Z' } } },
          ],
        },
      },
      aggs: { perDay: { date_histogram: { field: '@timestamp', fixed_interval: '1d', min_doc_count: 1 } } },
    });
    expect(found).toMatchObject({
      _shards: { failed: 0 },
      hits: {
        hits: [
          {
            _id: 'platform',
            fields: {
              '@timestamp': ['2026-11-22T11:00:00.000Z'],
              'event.action': ['Update'],
              'user.id': ['u-2'],
              'user.name': ['Grace Hopper'],
              'source.ip': ['10.0.0.1', '2001:db8::7'],
            },
          },
          { _id: 'guide' },
          { _id: 'old', fields: { 'user.full_name': ['Ada Lovelace'] } },
        ],
      },
      aggregations: { perDay: { buckets: [{ doc_count: 1 }, { doc_count: 2 }] } },
    });
  });

  test('needs no type twice: each name has one over all indices', async () => {
    const path = `/${settings.alias}/_field_caps?fields=@timestamp,event.*,user.*,source.ip,genesys`;
    const { fields } = (await request('GET', path)) as { fields: Record<string, object> };
    const types = Object.entries(fields).map(([name, byType]) => [
      name,
      Object.keys(byType).filter((type) => type !== 'object'),
    ]);
    expect(Object.fromEntries(types)).toMatchObject({
      '@timestamp': ['date'],
      'event.action': ['keyword'],
      'event.id': ['keyword'],
      'event.ingested': ['date'],
      genesys: ['flattened'],
      'source.ip': ['ip'],
      'user.id': ['keyword'],
      'user.name': ['keyword'],
    });
  });
});
