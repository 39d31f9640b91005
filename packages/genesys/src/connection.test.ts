import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { clientSecret, emptyPage, issued, startGuide, streamPath, tokenPath } from './testing/guide.ts';
import { type Answer, ScriptedServer } from './testing/scripted-server.ts';

const never = new AbortController().signal;
const page = { status: 200, body: '{"nextCursor":"c-2","events":[{"id":"1","n":1.0},{"id":"2"}]}' };

function message(text: string): string {
  return JSON.stringify({ code: 'bad.request', message: text });
}

describe('a page of the event stream', () => {
  it('is asked for as the contract says', async () => {
    await using guide = await startGuide();
    await guide.source.nextPage(null, never);
    await guide.source.nextPage('c-1', never);
    const [token] = guide.server.to(tokenPath);
    expect(token).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `grant_type=client_credentials&client_id=client-1&client_secret=${clientSecret}`,
    });
    expect(token?.headers.authorization).toBeUndefined();
    const filters = [{ field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' }];
    const asked = guide.server.to(streamPath);
    expect(asked[0]).toMatchObject({
      method: 'POST',
      headers: { authorization: 'Bearer token-1', 'content-type': 'application/json' },
    });
    expect(asked.map(({ body }) => JSON.parse(body))).toEqual([
      { eventTypes: ['auditlogs'], filters, limit: 100 },
      { eventTypes: ['auditlogs'], filters, cursor: 'c-1', limit: 100 },
    ]);
  });

  it("comes with its events' own texts, the next cursor and the server's clock", async () => {
    const date = 'Sun, 22 Nov 2026 05:00:00 GMT';
    await using guide = await startGuide({ stream: () => ({ ...page, headers: { date } }) });
    const read = await guide.source.nextPage('c-1', never);
    expect(read).toMatchObject({
      eventTexts: ['{"id":"1","n":1.0}', '{"id":"2"}'],
      nextCursor: 'c-2',
      serverDate: new Date(date),
      bytes: 61,
    });
    expect(read.durationMs).toBeGreaterThan(0);
  });

  it('says that the clock is unknown where the server does not tell it', async () => {
    await using guide = await startGuide({
      stream: () => ({ ...emptyPage, headers: { date: 'today' } }),
    });
    expect((await guide.source.nextPage(null, never)).serverDate).toBeNull();
  });

  it('keeps the path of an API base behind a gateway', async () => {
    await using server = await ScriptedServer.start(({ path }) =>
      path === '/genesys/oauth/token' ? issued(1) : path === `/genesys${streamPath}` ? page : { status: 404 },
    );
    await using guide = await startGuide({ settings: { apiBase: `${server.base}/genesys/` } });
    expect((await guide.source.nextPage(null, never)).nextCursor).toBe('c-2');
  });
});

describe('what may pass by itself is tried again', () => {
  const cases: [string, Answer, string, number | null][] = [
    ['a 500', { status: 500 }, 'GENESYS_SERVER_ERROR', 500],
    [
      'a 503 with Retry-After',
      { status: 503, headers: { 'retry-after': '3600' } },
      'GENESYS_SERVER_ERROR',
      503,
    ],
    ['a 408', { status: 408 }, 'GENESYS_SERVER_ERROR', 408],
    ['a connection reset', 'reset', 'GENESYS_UNREACHABLE', null],
    ['a reply cut in its body', { cutAfter: '{"nextCursor":"c-2","eve' }, 'GENESYS_UNREACHABLE', null],
    ['HTML with 200', { status: 200, body: '<html></html>' }, 'GENESYS_REPLY_UNREADABLE', 200],
    [
      'a whole reply of half a JSON',
      { status: 200, body: '{"nextCursor":"c-2","events":[' },
      'GENESYS_REPLY_UNREADABLE',
      200,
    ],
    ['a page without nextCursor', { status: 200, body: '{"events":[]}' }, 'GENESYS_REPLY_UNREADABLE', 200],
    [
      'bytes that are no UTF-8',
      { status: 200, body: Buffer.from('{"nextCursor":"\xff","events":[]}', 'latin1') },
      'GENESYS_REPLY_UNREADABLE',
      200,
    ],
    ['an empty 204', { status: 204 }, 'GENESYS_REPLY_UNREADABLE', 204],
  ];

  it.each(cases)('%s', async (_name, answer, code, status) => {
    await using guide = await startGuide({ stream: (nth) => (nth <= 4 ? answer : page) });
    expect((await guide.source.nextPage('c-1', never)).nextCursor).toBe('c-2');
    expect(guide.waits).toHaveLength(4);
    expect(guide.waits[3]).toMatchObject({ what: 'the event stream', code, status, failures: 4 });
    for (const { body } of guide.server.to(streamPath)) expect(JSON.parse(body).cursor).toBe('c-1');
  });

  it('a silent server, after the time limit', async () => {
    await using guide = await startGuide({
      stream: (nth) => (nth === 1 ? 'silence' : page),
      settings: { timeoutMs: 50 },
    });
    expect((await guide.source.nextPage('c-1', never)).nextCursor).toBe('c-2');
    expect(guide.waits[0]).toMatchObject({ code: 'GENESYS_UNREACHABLE', status: null });
  });

  it('a reply that takes longer than the whole exchange may', async () => {
    await using guide = await startGuide({
      stream: (nth) => (nth === 1 ? 'silence' : page),
      settings: { exchangeTimeoutMs: 50 },
    });
    expect((await guide.source.nextPage('c-1', never)).nextCursor).toBe('c-2');
  });

  it('a reply that is larger than allowed', async () => {
    const large = { status: 200, body: `{"nextCursor":null,"events":["${'x'.repeat(200_000)}"]}` };
    await using guide = await startGuide({
      stream: (nth) => (nth === 1 ? large : page),
      settings: { maxBodyBytes: 100_000 },
    });
    expect((await guide.source.nextPage('c-1', never)).nextCursor).toBe('c-2');
    expect(guide.waits[0]).toMatchObject({ code: 'GENESYS_REPLY_UNREADABLE' });
  });

  it('a server that is not there yet, for the token too', async () => {
    await using gone = await ScriptedServer.start(() => page);
    const { base } = gone;
    await gone[Symbol.asyncDispose]();
    await using guide = await startGuide({ settings: { apiBase: base } });
    const controller = new AbortController();
    const waiting = guide.source.nextPage(null, controller.signal);
    await expect.poll(() => guide.waits.length).toBeGreaterThan(2);
    expect(guide.waits[0]).toMatchObject({ what: 'the OAuth token', code: 'GENESYS_UNREACHABLE' });
    expect(guide.waits[0]?.message).toContain('ECONNREFUSED');
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});

describe('a 429', () => {
  it('waits for Retry-After, and says until when', async () => {
    await using guide = await startGuide({
      stream: (nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': '1' } } : page),
    });
    const startedAt = Date.now();
    await guide.source.nextPage('c-1', never);
    const [wait] = guide.waits;
    expect(wait).toMatchObject({ code: 'GENESYS_RATE_LIMITED', status: 429, failures: 1 });
    expect(wait?.untilMs).toBeGreaterThanOrEqual(startedAt + 900);
    expect(Date.now()).toBeGreaterThanOrEqual(wait?.untilMs ?? Number.POSITIVE_INFINITY);
  });

  it.each([undefined, 'soon'])(
    'without a readable Retry-After (%s) waits for the default pause',
    async (header) => {
      await using guide = await startGuide({
        stream: (nth) =>
          nth === 1 ? { status: 429, ...(header && { headers: { 'retry-after': header } }) } : page,
        settings: { pauseMs: 300 },
      });
      const startedAt = Date.now();
      await guide.source.nextPage('c-1', never);
      expect(guide.waits[0]?.untilMs).toBeGreaterThanOrEqual(startedAt + 300);
      expect(guide.server.to(streamPath)).toHaveLength(2);
    },
  );

  it('of hours is told at once and left as soon as the signal is aborted', async () => {
    await using guide = await startGuide({
      stream: () => ({ status: 429, headers: { 'retry-after': '7200' } }),
    });
    const controller = new AbortController();
    const waiting = guide.source.nextPage('c-1', controller.signal);
    await expect.poll(() => guide.waits.length).toBe(1);
    expect(guide.waits[0]?.untilMs).toBeGreaterThan(Date.now() + 7_100_000);
    controller.abort(new Error('shutting down'));
    await expect(waiting).rejects.toThrow('shutting down');
  });

  it('holds up the other calls of the connection', async () => {
    await using guide = await startGuide({
      stream: (nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': '1' } } : page),
    });
    const first = guide.source.nextPage('c-1', never);
    await expect.poll(() => guide.waits.length).toBe(1);
    await Promise.all([first, guide.source.nextPage('c-1', never)]);
    expect(guide.waits[1]).toMatchObject({ code: 'GENESYS_RATE_LIMITED', status: null, failures: 0 });
  });
});

describe('a token', () => {
  it('is shared by all who ask for it meanwhile, and reused', async () => {
    await using guide = await startGuide();
    await Promise.all(Array.from({ length: 8 }, () => guide.source.nextPage('c-1', never)));
    await guide.source.nextPage('c-1', never);
    expect(guide.server.to(tokenPath)).toHaveLength(1);
  });

  it('that Genesys refuses is replaced once for all callers, without a wait', async () => {
    await using guide = await startGuide({
      stream: (_nth, { headers }) => (headers.authorization === 'Bearer token-1' ? { status: 401 } : page),
    });
    await Promise.all(Array.from({ length: 4 }, () => guide.source.nextPage('c-1', never)));
    expect(guide.server.to(tokenPath)).toHaveLength(2);
    expect(guide.waits).toEqual([]);
  });

  it('that is refused again ends the call after one repeat', async () => {
    await using guide = await startGuide({ stream: () => ({ status: 401 }) });
    await expect(guide.source.nextPage('c-1', never)).rejects.toMatchObject({
      code: 'GENESYS_CREDENTIALS_REJECTED',
      kind: 'configuration',
    });
    expect(guide.server.to(streamPath)).toHaveLength(2);
    expect(guide.server.to(tokenPath)).toHaveLength(2);
  });

  it('is tried again with a new one after an outage between two refusals', async () => {
    const answers: Answer[] = [{ status: 401 }, { status: 503 }, { status: 401 }, page];
    await using guide = await startGuide({ stream: (nth) => answers[nth - 1] ?? page });
    expect((await guide.source.nextPage('c-1', never)).nextCursor).toBe('c-2');
    expect(guide.server.to(tokenPath)).toHaveLength(3);
  });

  it.each([400, 401])(
    'refused with %i names the credentials, once, and recovers when asked again',
    async (status) => {
      await using guide = await startGuide({
        token: (nth) => (nth === 1 ? { status, body: '{"error":"invalid_client"}' } : issued(nth)),
      });
      await expect(guide.source.nextPage('c-1', never)).rejects.toMatchObject({
        code: 'GENESYS_CREDENTIALS_REJECTED',
        remedy: expect.stringContaining('GENESYS_CLIENT_SECRET'),
      });
      expect(guide.server.requests).toHaveLength(1);
      await guide.source.nextPage('c-1', never);
    },
  );

  it.each<[string, Answer]>([
    ['a 503', { status: 503 }],
    ['a reply without a token', { status: 200, body: '{"expires_in":3600}' }],
    ['a token without a life', { status: 200, body: '{"access_token":"t"}' }],
    ['a token that no header can carry', { status: 200, body: '{"access_token":"a\\nb","expires_in":60}' }],
  ])('is asked for again after %s', async (_name, answer) => {
    await using guide = await startGuide({ token: (nth) => (nth === 1 ? answer : issued(nth)) });
    await guide.source.nextPage('c-1', never);
    expect(guide.waits).toMatchObject([{ what: 'the OAuth token' }]);
    expect(guide.server.to(streamPath)[0]?.headers.authorization).toBe('Bearer token-2');
  });

  it('is not given up by others when one caller leaves', async () => {
    let down = true;
    await using guide = await startGuide({ token: (nth) => (down ? { status: 500 } : issued(nth)) });
    const controller = new AbortController();
    const leaver = guide.source.nextPage('c-1', controller.signal);
    const stayer = guide.source.nextPage('c-1', never);
    await expect.poll(() => guide.waits.length).toBeGreaterThan(0);
    controller.abort(new Error('left'));
    await expect(leaver).rejects.toThrow('left');
    down = false;
    await stayer;
    expect(guide.server.to(streamPath)).toHaveLength(1);
  });
});

describe('a refusal ends the call at once', () => {
  it.each<[string, Answer, object]>([
    [
      '403 names all permissions',
      { status: 403 },
      {
        code: 'GENESYS_PERMISSION_MISSING',
        message: expect.stringContaining('AuditLogs:View or EventStreams:View or Users:View'),
      },
    ],
    [
      '403 names the permission that Genesys names',
      { status: 403, body: message('requires eventstreams:view') },
      { code: 'GENESYS_PERMISSION_MISSING', message: expect.stringMatching(/lacks EventStreams:View\./) },
    ],
    [
      '400',
      { status: 400, body: message('filters[0].field') },
      {
        code: 'GENESYS_REQUEST_REFUSED',
        message: expect.stringContaining('400 to the event stream (bad.request)'),
      },
    ],
    [
      '404',
      { status: 404 },
      { code: 'GENESYS_REQUEST_REFUSED', remedy: expect.stringContaining('API base') },
    ],
    ['501', { status: 501 }, { code: 'GENESYS_REQUEST_REFUSED' }],
    ['a redirect', { status: 302, headers: { location: '/login' } }, { code: 'GENESYS_REQUEST_REFUSED' }],
    [
      '400 about the cursor',
      { status: 400, body: message('Cursor has expired') },
      { code: 'GENESYS_CURSOR_EXPIRED' },
    ],
    ['410 about the cursor', { status: 410, body: 'cursor gone' }, { code: 'GENESYS_CURSOR_EXPIRED' }],
    ['410 about anything else', { status: 410, body: 'gone' }, { code: 'GENESYS_REQUEST_REFUSED' }],
  ])('%s', async (_name, answer, error) => {
    await using guide = await startGuide({ stream: () => answer });
    await expect(guide.source.nextPage('c-1', never)).rejects.toMatchObject(error);
    expect(guide.server.to(streamPath)).toHaveLength(1);
    expect(guide.waits).toEqual([]);
  });

  it('400 about a cursor when none was sent is no expired cursor', async () => {
    await using guide = await startGuide({ stream: () => ({ status: 400, body: message('cursor?') }) });
    await expect(guide.source.nextPage(null, never)).rejects.toMatchObject({
      code: 'GENESYS_REQUEST_REFUSED',
    });
  });
});

describe('secrets', () => {
  it('stand in no error, no wait and no inspected connection', async () => {
    const echo = (status: number): Answer => ({ status, body: message(`${clientSecret} token-1 Jane Doe`) });
    await using refused = await startGuide({ token: () => echo(400) });
    await using forbidden = await startGuide({ stream: (nth) => (nth === 1 ? echo(500) : echo(403)) });
    await using unreadable = await startGuide({ stream: (nth) => (nth === 1 ? echo(200) : echo(400)) });
    const told: unknown[] = [];
    for (const guide of [refused, forbidden, unreadable]) {
      await guide.source.nextPage('c-1', never).catch((error: unknown) => told.push(error));
      told.push(guide.waits, guide.connection, guide.source);
    }
    const text = inspect(told, { depth: 20 });
    expect(text).toContain('GENESYS_PERMISSION_MISSING');
    expect(text).not.toContain(clientSecret);
    expect(text).not.toContain('token-1');
    expect(text).not.toContain('Jane Doe');
  });
});

describe('an outbound proxy', () => {
  const proxied = (proxy: ScriptedServer, noProxy = '') => ({
    settings: {
      apiBase: 'http://genesys.invalid',
      proxy: { http: proxy.base.replace('http://', 'http://user:pass@'), https: '', noProxy },
    },
  });

  it('carries the requests, with its credentials', async () => {
    await using proxy = await ScriptedServer.start(({ path }) =>
      path.endsWith(tokenPath) ? issued(1) : page,
    );
    await using guide = await startGuide(proxied(proxy));
    expect((await guide.source.nextPage(null, never)).nextCursor).toBe('c-2');
    expect(proxy.requests.map(({ path }) => path)).toEqual([
      `http://genesys.invalid${tokenPath}`,
      `http://genesys.invalid${streamPath}`,
    ]);
    expect(proxy.requests[0]?.headers['proxy-authorization']).toBe(`Basic ${btoa('user:pass')}`);
  });

  it('is left out for hosts that are reached directly', async () => {
    await using proxy = await ScriptedServer.start(() => ({ status: 500 }));
    await using guide = await startGuide({
      stream: () => page,
      settings: { proxy: { http: proxy.base, https: proxy.base, noProxy: 'localhost,127.0.0.1' } },
    });
    expect((await guide.source.nextPage(null, never)).nextCursor).toBe('c-2');
    expect(proxy.requests).toEqual([]);
  });
});
