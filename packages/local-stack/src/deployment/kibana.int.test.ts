import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { auditMappings } from '@trunkline/elasticsearch-sink';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

/** Kibana's saved objects: whole in themselves, and their searches find what they say, by the mappings of the audit indices. */

interface SavedObject {
  type: string;
  id: string;
  attributes: Record<string, unknown> & {
    title: string;
    columns?: string[];
    timeFieldName?: string;
    visState?: string;
    kibanaSavedObjectMeta?: { searchSourceJSON: string };
  };
  references: { type: string; id: string; name: string }[];
}

const file = path.join(import.meta.dirname, '../../../../deploy/kibana/trunkline.ndjson');
const objects = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as SavedObject);

const index = `t${randomBytes(6).toString('hex')}-kibana`;
const elasticsearch = inject('elasticsearchUrl');

async function ask<T>(method: string, at: string, body?: object): Promise<T> {
  const answer = await fetch(`${elasticsearch}/${at}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${at}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

const event = (id: string, action: string, resourceType: string, more: object = {}): object => ({
  id,
  date: '2026-11-22T10:00:00.000Z',
  userName: 'Ada',
  action,
  resourceType,
  ipAddress: '192.0.2.1',
  ...more,
});

beforeAll(async () => {
  await ask('PUT', index, { mappings: auditMappings });
  for (const document of [
    event('role', 'Update', 'Role'),
    event('queue', 'Create', 'Queue'),
    event('deleted-user', 'Delete', 'User'),
    event('viewed', 'View', 'Role'),
    event('signed-in', 'Authenticate', 'User', { genesys: { status: 'SUCCESS' } }),
    event('refused', 'AuthenticationFailed', 'User', { genesys: { status: 'FAILURE' } }),
    event('refused-too', 'Authenticate', 'User', { genesys: { status: 'FAILURE' } }),
    event('odd', 'Create', 'Queue', { ipAddress: 'no address' }),
  ]) {
    await ask('POST', `${index}/_doc/${(document as { id: string }).id}`, document);
  }
  await ask('POST', `${index}/_refresh`);
});

afterAll(() => ask('DELETE', index));

test('everything that an object refers to is in the file', () => {
  const known = new Set(objects.map(({ type, id }) => `${type}:${id}`));
  expect(known.size).toBe(objects.length);
  for (const { references } of objects) {
    for (const { type, id } of references) expect(known).toContain(`${type}:${id}`);
  }
});

test.each([
  ['trunkline-who-changed-what', ['deleted-user', 'odd', 'queue', 'role']],
  ['trunkline-admin-actions', ['deleted-user', 'role']],
  ['trunkline-failed-sign-ins', ['refused', 'refused-too']],
  ['trunkline-deletions', ['deleted-user']],
  ['trunkline-odd-events', ['odd']],
])('the saved search %s finds what it says', async (id, found) => {
  const { attributes } = objects.find(
    (object) => object.type === 'search' && object.id === id,
  ) as SavedObject;
  const source = JSON.parse(attributes.kibanaSavedObjectMeta?.searchSourceJSON ?? '') as {
    query: { query: string; language: string };
  };
  expect(source.query.language).toBe('lucene');
  const { hits } = await ask<{ hits: { hits: { _id: string }[] } }>('POST', `${index}/_search`, {
    query: { query_string: { query: source.query.query } },
  });
  expect(hits.hits.map(({ _id }) => _id).sort()).toEqual(found);
});

test('every column, every chart and the time field is a field that can be searched', async () => {
  const fields = new Set<string>();
  for (const { attributes } of objects) {
    for (const column of attributes.columns ?? []) fields.add(column);
    if (attributes.timeFieldName !== undefined) fields.add(attributes.timeFieldName);
    const chart = JSON.parse(attributes.visState ?? '{"aggs":[]}') as {
      aggs: { params: { field?: string } }[];
    };
    for (const { params } of chart.aggs) if (params.field !== undefined) fields.add(params.field);
  }
  expect(fields.size).toBeGreaterThan(5);
  const known = await ask<{ fields: Record<string, Record<string, { searchable: boolean }>> }>(
    'GET',
    `${index}/_field_caps?fields=*`,
  );
  for (const field of fields) {
    expect(
      Object.values(known.fields[field] ?? {}).some(({ searchable }) => searchable),
      field,
    ).toBe(true);
  }
});
