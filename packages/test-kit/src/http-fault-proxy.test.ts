import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { elasticsearchError, itemRejected, withholdItems } from './bulk-faults.ts';
import { HttpFaultProxy, isBulk } from './http-fault-proxy.ts';

/** A server that takes every item of a bulk, and remembers what it was sent. */
let server: Server;
let sent: string[];
let proxy: HttpFaultProxy;

beforeEach(async () => {
  sent = [];
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      sent.push(`${request.method} ${request.url} ${body}`);
      const actions = body
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('{"create"'));
      const items = actions.map((line) => ({
        create: { ...(JSON.parse(line) as { create: object }).create, status: 201 },
      }));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ took: 1, items }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await HttpFaultProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function bulk(...ids: string[]): Promise<Response> {
  const lines = ids.map((id) => `{"create":{"_index":"i","_id":"${id}"}}\n{"doc":"${id}"}\n`);
  return fetch(`${proxy.url}/_bulk?filter_path=items`, { method: 'POST', body: lines.join('') });
}

async function statusesOf(answer: Response): Promise<Record<string, number>> {
  const { items } = (await answer.json()) as { items: { create: { _id: string; status: number } }[] };
  return Object.fromEntries(items.map(({ create }) => [create._id, create.status]));
}

test('without a fault everything passes as it is', async () => {
  expect(await statusesOf(await bulk('a', 'b'))).toEqual({ a: 201, b: 201 });
  expect(sent).toEqual([
    'POST /_bulk?filter_path=items {"create":{"_index":"i","_id":"a"}}\n{"doc":"a"}\n{"create":{"_index":"i","_id":"b"}}\n{"doc":"b"}\n',
  ]);
});

test('chosen requests are answered in place of the server, as often as planned', async () => {
  const body = elasticsearchError(429, 'es_rejected_execution_exception', 'full');
  const fault = proxy.intercept(isBulk, { kind: 'answer', status: 429, body }, 1);
  expect((await fetch(`${proxy.url}/_cluster/health`)).status).toBe(200);
  expect((await bulk('a')).status).toBe(429);
  expect((await bulk('a')).status).toBe(200);
  expect(fault.struck).toBe(1);
});

test('withheld items do not reach the server, and the others do', async () => {
  proxy.intercept(isBulk, withholdItems(2, itemRejected), 1);
  expect(await statusesOf(await bulk('a', 'b', 'c', 'd'))).toEqual({ a: 429, b: 201, c: 429, d: 201 });
  expect(sent).toHaveLength(1);
  expect(sent[0]).not.toContain('"_id":"a"');
  expect(sent[0]).toContain('"_id":"b"');
});

test('a reply can be cut or lost after the server has done its work', async () => {
  proxy.intercept(isBulk, { kind: 'cut-reply', afterBytes: 10 }, 1);
  await expect(bulk('a').then((answer) => answer.text())).rejects.toThrow();
  const lost = proxy.intercept(isBulk, { kind: 'lose-reply' }, 1);
  const never = bulk('b').then(
    () => 'answered',
    () => 'broken',
  );
  await expect.poll(() => sent.length).toBe(2);
  expect(lost.struck).toBe(1);
  await proxy[Symbol.asyncDispose]();
  expect(await never).toBe('broken');
});

test('a request can be reset before the server sees it', async () => {
  proxy.intercept(isBulk, { kind: 'reset' }, 1);
  await expect(bulk('a')).rejects.toThrow();
  expect(sent).toEqual([]);
});
