import { describe, expect, it } from 'vitest';
import type { Patience } from '../patience.ts';
import { issued, startGuide, tokenPath } from '../testing/guide.ts';
import { type Answer, ScriptedServer } from '../testing/scripted-server.ts';
import { ConversationDetailsSource } from './conversation-details-source.ts';

const never = new AbortController().signal;
const path = '/api/v2/analytics/conversations/details/query';
const query = {
  from: '2026-01-05T00:00:00.000Z',
  to: '2026-01-06T00:00:00.000Z',
  mediaTypes: ['voice'],
  pageSize: 25,
  storageClass: 'GLACIER',
  missing: 'none' as const,
  without: new Set<string>(),
};
const patience: Patience = { longestWaitMs: 60_000, onWait: () => {} };

/** A source on a server that answers the archive's query as told. */
async function startSource(answer: (nth: number) => Answer, settings = {}) {
  const server = await ScriptedServer.start((request, nth) =>
    request.path === tokenPath
      ? issued(nth)
      : answer(server.requests.filter((one) => one.path !== tokenPath).length),
  );
  const guide = await startGuide({ settings: { apiBase: server.base, ...settings } });
  return {
    server,
    source: new ConversationDetailsSource(guide.connection.open),
    asked: () => server.requests.filter((one) => one.path !== tokenPath),
    async [Symbol.asyncDispose]() {
      await guide[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('a page of the archive', () => {
  it('is asked for and opened as the contract says', async () => {
    await using guide = await startSource(() => ({
      status: 200,
      headers: {
        etag: '"1"',
        'x-next-page': 'a/b&c',
        date: 'Tue, 06 Jan 2026 05:00:00 GMT',
        'content-length': '2',
      },
      body: '[]',
    }));
    const opened = await guide.source.openPage(query, 'p/2', null, patience, never);
    expect(opened).toMatchObject({
      head: { etag: '"1"', length: 2, sha256: null, nextPage: 'a/b&c' },
      from: 0,
      serverDate: new Date('2026-01-06T05:00:00Z'),
    });
    expect(await textOf(opened.body)).toBe('[]');
    const [request] = guide.asked();
    expect(request).toMatchObject({
      method: 'POST',
      path: `${path}?page=p%2F2`,
      headers: {
        authorization: 'Bearer token-1',
        'x-genesys-storage-class': 'GLACIER',
        'content-type': 'application/json',
        'accept-encoding': 'identity',
      },
    });
    expect(JSON.parse(request?.body ?? '')).toEqual({
      from: query.from,
      to: query.to,
      size: 25,
      filter: [{ type: 'in', clause: 'mediaType=voice' }],
    });
  });

  it('is opened in its middle', async () => {
    await using guide = await startSource(() => ({
      status: 206,
      headers: { etag: '"1"', 'content-range': 'bytes 3-9/10' },
      body: 'defghij',
    }));
    const opened = await guide.source.openPage(query, null, { etag: '"1"', offset: 3 }, patience, never);
    expect(opened).toMatchObject({ from: 3, head: { length: 10 } });
    expect(await textOf(opened.body)).toBe('defghij');
    expect(guide.asked()[0]?.headers).toMatchObject({ range: 'bytes=3-', 'if-range': '"1"' });
  });

  it.each([
    ['a part of elsewhere', { status: 206, headers: { 'content-range': 'bytes 2-9/10' }, body: 'cdefghij' }],
    ['a part of nowhere', { status: 206, body: 'defghij' }],
    ['416', { status: 416, headers: { 'content-range': 'bytes */2' } }],
  ])('has changed where its middle is answered with %s', async (_name, answer) => {
    await using guide = await startSource(() => answer);
    await expect(
      guide.source.openPage(query, null, { etag: '"1"', offset: 3 }, patience, never),
    ).rejects.toMatchObject({ code: 'ARCHIVE_SOURCE_CHANGED' });
  });

  it('breaks off with an error, not with an end', async () => {
    await using guide = await startSource(() => ({ cutAfter: '[{' }));
    const { body } = await guide.source.openPage(query, null, null, patience, never);
    await expect(textOf(body)).rejects.toMatchObject({ code: 'GENESYS_UNREACHABLE' });
  });

  it('is asked for again after a 503, a 401 and a reply that is none', async () => {
    const answers: Answer[] = [
      { status: 503 },
      { status: 401 },
      { status: 204 },
      { status: 200, body: '[]' },
    ];
    await using guide = await startSource((nth) => answers[nth - 1] ?? 'silence');
    await guide.source.openPage(query, null, null, patience, never);
    expect(guide.asked()).toHaveLength(4);
    expect(guide.asked()[2]?.headers.authorization).toBe('Bearer token-2');
  });

  it.each([
    [403, 'GENESYS_PERMISSION_MISSING', 'analytics:conversationDetail:view or analytics:conversation:read'],
    [400, 'GENESYS_REQUEST_REFUSED', 'Genesys answered 400 to the conversation archive'],
  ])('is refused with %i: %s', async (status, code, message) => {
    await using guide = await startSource(() => ({ status }));
    await expect(guide.source.openPage(query, null, null, patience, never)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(guide.asked()).toHaveLength(1);
  });
});

describe('a long wait', () => {
  it('that Genesys asks for is not waited for, and says until when', async () => {
    await using guide = await startSource(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
    const startedAt = Date.now();
    const error = await guide.source
      .openPage(query, null, null, patience, never)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'GENESYS_RATE_LIMITED',
      message: expect.stringContaining('ARCHIVE_PAGE_SIZE'),
    });
    expect((error as { untilMs: number }).untilMs).toBeGreaterThan(startedAt + 3_500_000);
  });

  it('between attempts at a source that is away is not waited for either', async () => {
    await using guide = await startSource(() => ({ status: 503, headers: { 'retry-after': '100' } }), {
      backoffMaxMs: 200_000,
    });
    await expect(guide.source.openPage(query, null, null, patience, never)).rejects.toMatchObject({
      code: 'GENESYS_SERVER_ERROR',
      untilMs: expect.any(Number),
    });
  });

  it('for a token is left to those who have the patience', async () => {
    await using server = await ScriptedServer.start(() => ({
      status: 429,
      headers: { 'retry-after': '3600' },
    }));
    await using guide = await startGuide({ settings: { apiBase: server.base } });
    const source = new ConversationDetailsSource(guide.connection.open);
    const short = { ...patience, longestWaitMs: 200 };
    const error = await source.openPage(query, null, null, short, never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'GENESYS_UNREACHABLE',
      message: expect.stringContaining('No OAuth token'),
    });
    expect((error as { untilMs: number }).untilMs).toBeGreaterThan(Date.now() + 3_500_000);
  });
});
