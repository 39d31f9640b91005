import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { GenesysConnection } from './connection.ts';
import type { DownloadCall } from './download.ts';
import type { GenesysWait } from './patience.ts';
import { startGuide } from './testing/guide.ts';
import { type Answer, type ReceivedRequest, ScriptedServer } from './testing/scripted-server.ts';

const never = new AbortController().signal;
const waits: GenesysWait[] = [];
const patience = { longestWaitMs: 60_000, onWait: (wait: GenesysWait) => waits.push(wait) };
const signature = 'X-Amz-Signature=0123abcd';

/** A store that answers as told, and a connection that may download from this machine. */
async function startStore(answer: (request: ReceivedRequest, nth: number) => Answer) {
  const store = await ScriptedServer.start(answer);
  const guide = await startGuide({ settings: { downloadHosts: ['127.0.0.1'] } });
  const { connection } = guide;
  return {
    store,
    connection,
    get: (more: Partial<DownloadCall> = {}) =>
      download(connection, `${store.base}/t.json?${signature}`, more),
    async [Symbol.asyncDispose]() {
      await guide[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

async function download(connection: GenesysConnection, url: string, more: Partial<DownloadCall> = {}) {
  const call = { what: 'a transcript', url, headers: {}, wanted: [200, 206], refusal: null, ...more };
  const reply = await connection.download(call, patience, never);
  return { status: reply.status, text: (await reply.body.whole()).toString() };
}

describe('a download', () => {
  it("takes the link as it is and the caller's headers, and no bearer token with it", async () => {
    await using parts = await startStore(() => ({ status: 206, body: 'rest' }));
    const headers = { range: 'bytes=5-', 'if-range': '"tag"' };
    expect(await parts.get({ headers })).toEqual({ status: 206, text: 'rest' });
    const [asked] = parts.store.requests;
    expect(asked).toMatchObject({ method: 'GET', path: `/t.json?${signature}`, headers });
    expect(asked?.headers.authorization).toBeUndefined();
  });

  it.each<[string, Answer]>([
    ['a 503', { status: 503, headers: { 'retry-after': '3600' } }],
    ['a 429', { status: 429 }],
    ['a broken connection', 'reset'],
    ['a status that is no answer to it', { status: 204 }],
  ])('is tried again after %s', async (_name, answer) => {
    await using parts = await startStore((_request, nth) =>
      nth === 1 ? answer : { status: 200, body: 'all' },
    );
    expect((await parts.get()).text).toBe('all');
    expect(parts.store.requests).toHaveLength(2);
  });

  it.each<[string, Answer]>([
    ['403', { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }],
    ['400 about the credentials that signed it', { status: 400, body: '<Code>ExpiredToken</Code>' }],
  ])('with a link that is over (%s) says so at once', async (_name, answer) => {
    await using parts = await startStore(() => answer);
    await expect(parts.get()).rejects.toMatchObject({ code: 'GENESYS_LINK_EXPIRED', kind: 'retriable' });
    expect(parts.store.requests).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    await using elsewhere = await ScriptedServer.start(() => ({ status: 200, body: 'secret' }));
    const location = `${elsewhere.base}/metadata`;
    await using parts = await startStore(() => ({ status: 302, headers: { location } }));
    await expect(parts.get()).rejects.toMatchObject({ code: 'GENESYS_REQUEST_REFUSED' });
    expect(elsewhere.requests).toEqual([]);
  });

  it('leaves the meaning of a refusal to its caller', async () => {
    await using parts = await startStore(() => ({ status: 416 }));
    const told = new Error('the page changed');
    const refusal = (status: number) => (status === 416 ? (told as never) : null);
    await expect(parts.get({ refusal })).rejects.toBe(told);
  });

  it.each([
    'https://evil.example/t.json',
    'https://127.0.0.1.evil.example/t.json',
    'https://user@127.0.0.1/t.json',
    'ftp://127.0.0.1/t.json',
    '/t.json',
  ])('of %s is refused before anything is sent', async (url) => {
    await using parts = await startStore(() => ({ status: 200 }));
    await expect(download(parts.connection, url)).rejects.toMatchObject({
      code: 'GENESYS_DOWNLOAD_HOST_FORBIDDEN',
      remedy: expect.stringContaining('GENESYS_DOWNLOAD_HOSTS'),
    });
  });

  it('names no signature, whatever happens', async () => {
    await using parts = await startStore((_request, nth) =>
      nth === 1 ? { status: 500 } : { status: 403, body: signature },
    );
    const told: unknown[] = [waits];
    await parts.get().catch((error: unknown) => told.push(error));
    await download(parts.connection, `https://evil.example/?${signature}`).catch((error) => told.push(error));
    expect(told).toHaveLength(3);
    expect(inspect(told, { depth: 20 })).not.toContain('0123abcd');
  });
});
