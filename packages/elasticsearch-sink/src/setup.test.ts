import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditSink } from './audit-sink.ts';
import { Elasticsearch } from './elasticsearch.ts';
import { schemaVersion } from './schema.ts';

/**
 * Index lifecycle management is in no distribution that tests can start without Docker, so what is asked of it is answered here as
 * Elasticsearch documents it; everything else is tested on the real server.
 */
let server: Server;
let es: Elasticsearch;
let policy: { status: number; body: object };
let put: Map<string, Record<string, unknown>>;

const settings = {
  indexPrefix: 'genesys-audit-',
  alias: 'genesys-audit-logs',
  stateIndex: 'trunkline-state',
  deadLetterIndex: 'trunkline-dead-letters',
  shards: 3,
  replicas: 1,
  retentionDays: 365,
};
const now = Date.parse('2026-11-22T12:00:00Z');
const policyPath = '/_ilm/policy/audit-retention-policy';

beforeEach(async () => {
  put = new Map();
  policy = { status: 404, body: {} };
  server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const path = request.url?.split('?')[0] ?? '';
    if (request.method === 'PUT') put.set(path, JSON.parse(text) as Record<string, unknown>);
    const known = request.method === 'GET' && path === policyPath ? policy : { status: 200, body: {} };
    const missing = request.method === 'GET' && path.startsWith('/_index_template/');
    response.writeHead(missing ? 404 : known.status, {
      'content-type': 'application/json',
      'x-elastic-product': 'Elasticsearch',
    });
    response.end(JSON.stringify(known.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  es = new Elasticsearch({
    urls: [`http://127.0.0.1:${port}`],
    cloudId: null,
    apiKey: null,
    username: null,
    password: null,
    caFile: null,
    timeoutMs: 5_000,
  });
});

afterEach(async () => {
  await es[Symbol.asyncDispose]();
  server.close();
});

function lifecycleOf(path: string): unknown[] {
  const body = put.get(path) as { template?: { settings: object }; settings?: object };
  const found = (body.template?.settings ?? body.settings) as Record<string, unknown>;
  return [found['index.lifecycle.name'], found['index.lifecycle.origination_date']];
}

test('a cluster with ILM gets the retention policy, and every daily index its age from its day', async () => {
  const sink = new AuditSink(es, settings);
  expect((await sink.install(now)).policy).toBe('audit-retention-policy');
  expect(put.get(policyPath)).toMatchObject({
    policy: { phases: { delete: { min_age: '365d', actions: { delete: {} } } } },
  });
  const name = 'audit-retention-policy';
  expect(lifecycleOf('/_index_template/genesys-audit-template')).toEqual([name, undefined]);
  expect(lifecycleOf('/genesys-audit-2026.11.22')).toEqual([name, Date.parse('2026-11-23T00:00:00Z')]);
});

test('the undated index, which has no age, is deleted by no policy', async () => {
  await new AuditSink(es, settings).install(now);
  expect(lifecycleOf('/_index_template/genesys-audit-undated-template')).toEqual([undefined, undefined]);
  expect(lifecycleOf('/genesys-audit-undated')).toEqual([undefined, undefined]);
});

test.each<[string, object, boolean]>([
  ['of this version', { application: 'trunkline', version: schemaVersion, days: 365 }, false],
  ['with other days', { application: 'trunkline', version: schemaVersion, days: 30 }, true],
  ['of an older version', { application: 'trunkline', version: schemaVersion - 1, days: 365 }, true],
  ['of a newer version', { application: 'trunkline', version: schemaVersion + 1, days: 30 }, false],
  ['that somebody else wrote', {}, false],
])('a policy %s is treated as it deserves', async (_, meta, written) => {
  policy = { status: 200, body: { 'audit-retention-policy': { policy: { _meta: meta, phases: {} } } } };
  const installed = await new AuditSink(es, settings).install(now);
  expect(put.has(policyPath)).toBe(written);
  expect(installed.policy).toBe('audit-retention-policy');
});

test.each([400, 405, 410])('a cluster that answers %i to a question about ILM has none', async (status) => {
  policy = { status, body: { error: 'no handler found' } };
  const sink = new AuditSink(es, settings);
  expect((await sink.install(now)).policy).toBeNull();
  expect(lifecycleOf('/genesys-audit-2026.11.22')).toEqual([undefined, undefined]);
});

test('a key that may not look at ILM is told by what it lacks', async () => {
  const reason =
    'action [cluster:admin/ilm/get] is unauthorized for API key id [k] of user [Ada], this action is granted by ...';
  policy = { status: 403, body: { error: { type: 'security_exception', reason }, status: 403 } };
  const failed = await new AuditSink(es, settings).install(now).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'ELASTICSEARCH_PERMISSION_MISSING' });
  expect(String(failed)).toContain('cluster:admin/ilm/get');
  expect(String(failed)).not.toContain('Ada');
});
