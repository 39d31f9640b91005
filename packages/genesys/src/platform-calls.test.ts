import { TrunklineError } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import type { GenesysCall } from './http.ts';
import type { LongWait } from './long-wait.ts';
import type { GenesysWait } from './patience.ts';
import { clientSecret, issued, startGuide, tokenPath } from './testing/guide.ts';
import { type Answer, ScriptedServer } from './testing/scripted-server.ts';

const never = new AbortController().signal;
const auditsPath = '/api/v2/audits/query';

function audits(more: Partial<GenesysCall<unknown>> = {}): GenesysCall<unknown> {
  return {
    what: 'the audit query',
    method: 'GET',
    path: auditsPath,
    body: null,
    permissions: ['audits:audit:view'],
    refusal: null,
    decode: (body) => JSON.parse(body.toString()),
    ...more,
  };
}

async function failureOf(call: Promise<unknown>): Promise<TrunklineError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof TrunklineError) return error;
    throw error;
  }
  throw new Error('The call succeeded');
}

/** A connection as the platform contract has it: a login host of its own, credentials in a header. */
async function startPlatform(script: { api: (nth: number) => Answer; token?: (nth: number) => Answer }) {
  const login = await ScriptedServer.start((_request, nth) => script.token?.(nth) ?? issued(nth));
  const api = await ScriptedServer.start((_request, nth) => script.api(nth));
  const guide = await startGuide({
    settings: {
      apiBase: `${api.base}/gateway/api`,
      loginBase: `${login.base}/gateway/login`,
      clientAuth: 'basic',
    },
  });
  return {
    login,
    api,
    waits: guide.waits,
    connection: guide.connection,
    async [Symbol.asyncDispose]() {
      await guide[Symbol.asyncDispose]();
      await api[Symbol.asyncDispose]();
      await login[Symbol.asyncDispose]();
    },
  };
}

describe('the platform contract', () => {
  it('names the client in a header to the login host, and keeps the path of each gateway', async () => {
    await using platform = await startPlatform({ api: () => ({ status: 200, body: '{"entities":[]}' }) });
    expect(await platform.connection.call(audits(), never)).toEqual({ entities: [] });
    expect(platform.login.requests).toMatchObject([
      {
        path: `/gateway/login${tokenPath}`,
        headers: { authorization: `Basic ${btoa(`client-1:${clientSecret}`)}` },
        body: 'grant_type=client_credentials',
      },
    ]);
    expect(platform.api.requests).toMatchObject([
      { path: `/gateway/api${auditsPath}`, headers: { authorization: 'Bearer token-1' } },
    ]);
  });

  it('reads a redirect with a body where the call wants it, and follows none', async () => {
    const location = 'http://127.0.0.1:1/elsewhere';
    await using platform = await startPlatform({
      api: () => ({ status: 302, headers: { Location: location }, body: '{"downloadUrl":"u"}' }),
    });
    const decode: GenesysCall<unknown>['decode'] = (body, reply) => [
      reply.status,
      reply.headers.get('location'),
      JSON.parse(body.toString()),
    ];
    const call = audits({ alsoWanted: [302], decode });
    expect(await platform.connection.call(call, never)).toEqual([302, location, { downloadUrl: 'u' }]);
    await expect(platform.connection.call(audits(), never)).rejects.toMatchObject({
      code: 'GENESYS_REQUEST_REFUSED',
    });
  });

  it('sends every method, with a JSON body where there is one', async () => {
    await using platform = await startPlatform({ api: () => ({ status: 200, body: '{}' }) });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      await platform.connection.call(audits({ method, body: '{"a":1}' }), never);
    }
    expect(platform.api.requests).toMatchObject(
      ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({
        method,
        headers: { 'content-type': 'application/json' },
        body: '{"a":1}',
      })),
    );
  });

  it('parks a call whose caller waits no longer than so', async () => {
    await using platform = await startPlatform({
      api: () => ({ status: 429, headers: { 'retry-after': '3600' } }),
    });
    const told: GenesysWait[] = [];
    const patience = { longestWaitMs: 60_000, onWait: (wait: GenesysWait) => told.push(wait) };
    const error = await failureOf(platform.connection.callWith(audits(), patience, never));
    expect(error).toMatchObject({ name: 'TrunklineError', code: 'GENESYS_RATE_LIMITED' });
    expect((error as LongWait).untilMs).toBeGreaterThan(Date.now() + 3_500_000);
    expect(platform.api.requests).toHaveLength(1);
    expect([...told, ...platform.waits]).toEqual([]);
  });
});

describe('a reply that says that the allowance is used up', () => {
  const used = (count: number, reset: number): Answer => ({
    status: 200,
    headers: {
      'inin-ratelimit-count': String(count),
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': String(reset),
    },
    body: '{}',
  });

  it('is an answer, and the next call waits until the allowance is given anew', async () => {
    await using platform = await startPlatform({ api: (nth) => used(nth === 1 ? 300 : 1, 0) });
    const startedAt = performance.now();
    await platform.connection.call(audits(), never);
    expect(platform.waits).toEqual([]);
    await platform.connection.call(audits(), never);
    // The reset is told in whole seconds, of which up to one is cut off.
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(platform.waits).toMatchObject([{ code: 'GENESYS_RATE_LIMITED', status: null }]);
  });

  it('is none where something is left, or where half of it is missing', async () => {
    const answers: Answer[] = [
      used(299, 60),
      { status: 200, headers: { 'inin-ratelimit-count': '300' }, body: '{}' },
      { status: 200, headers: { 'inin-ratelimit-count': '9', 'inin-ratelimit-allowed': '9' }, body: '{}' },
    ];
    await using platform = await startPlatform({ api: (nth) => answers[nth - 1] ?? used(1, 60) });
    for (let nth = 0; nth <= answers.length; nth++) await platform.connection.call(audits(), never);
    expect(platform.waits).toEqual([]);
  });
});

describe('a refusal is told with what helps', () => {
  const body = (code: string, message = '') =>
    JSON.stringify({ code, message, contextId: '11aa-22bb', status: 403 });

  it.each<[string, Answer, object]>([
    [
      'a permission that the reply names',
      { status: 403, body: body('missing.permissions', 'missing: [recording:recording:view] of Jane Doe') },
      { message: expect.stringContaining('lacks recording:recording:view.') },
    ],
    [
      'the permission of the call where the reply names none',
      { status: 403, body: '<html>no</html>' },
      { message: expect.stringContaining('lacks audits:audit:view.') },
    ],
    [
      'a client of another grant type',
      { status: 403, body: body('app.not.authorized.for.scope') },
      { remedy: expect.stringContaining('Client Credentials, which needs no scopes') },
    ],
    [
      'an access policy',
      { status: 403, body: body('authz.policy.denied') },
      { code: 'GENESYS_PERMISSION_MISSING', message: expect.stringContaining('access policy') },
    ],
    [
      'a call that needs a user',
      { status: 400, body: body('not.a.user') },
      { code: 'GENESYS_REQUEST_REFUSED', remedy: expect.stringContaining('clients with a user') },
    ],
    [
      'an address that is not allowed',
      { status: 401, body: body('ip.not.authorized') },
      { code: 'GENESYS_CREDENTIALS_REJECTED', remedy: expect.stringContaining('allow-list') },
    ],
    ['a request that is too large', { status: 413 }, { code: 'GENESYS_REQUEST_REFUSED' }],
    ['another media type', { status: 415 }, { code: 'GENESYS_REQUEST_REFUSED' }],
  ])('%s', async (_name, answer, told) => {
    await using platform = await startPlatform({ api: () => answer });
    const error = await failureOf(platform.connection.call(audits(), never));
    expect(error).toMatchObject(told);
    expect(error.message).not.toContain('Jane');
    expect(platform.waits).toEqual([]);
  });

  it.each<[string, Answer, object]>([
    [
      'unknown credentials',
      { status: 401, body: '{"error":"invalid_client"}' },
      { message: /invalid_client/ },
    ],
    [
      'a disabled client',
      { status: 400, body: '{"error":"invalid_client","error_description":"client is disabled"}' },
      { message: /the OAuth client is disabled/ },
    ],
    [
      'another grant type',
      { status: 400, body: '{"error":"unauthorized_client"}' },
      { remedy: /grant type Client Credentials/ },
    ],
    ['an error with status 200', { status: 200, body: '{"error":"invalid_client"}' }, { remedy: /region/ }],
  ])('%s, once', async (_name, answer, told) => {
    await using platform = await startPlatform({
      api: () => ({ status: 200, body: '{}' }),
      token: () => answer,
    });
    const error = await failureOf(platform.connection.call(audits(), never));
    expect(error.code).toBe('GENESYS_CREDENTIALS_REJECTED');
    for (const [member, pattern] of Object.entries(told)) {
      expect(error[member as 'message' | 'remedy']).toMatch(pattern);
    }
    expect(platform.login.requests).toHaveLength(1);
  });
});

describe("Genesys' id of a request", () => {
  const header = { 'ININ-Correlation-Id': 'c-from-header' };

  it('stands in the error and in each wait, from the header or from the body', async () => {
    const answers: Answer[] = [
      { status: 500, headers: header },
      { status: 503, body: '{"contextId":"c-from-body"}' },
      { status: 200, headers: header, body: Buffer.from([0xff]) },
      { status: 400, headers: header, body: '{"contextId":"c-from-body"}' },
    ];
    await using platform = await startPlatform({ api: (nth) => answers[nth - 1] ?? { status: 404 } });
    const error = await failureOf(platform.connection.call(audits(), never));
    expect(platform.waits.map(({ correlationId }) => correlationId)).toEqual([
      'c-from-header',
      'c-from-body',
      'c-from-header',
    ]);
    expect(error.correlationId).toBe('c-from-header');
  });

  it('is none where it does not look like one', async () => {
    await using platform = await startPlatform({
      api: () => ({ status: 404, body: '{"contextId":"Jane Doe"}' }),
    });
    await expect(platform.connection.call(audits(), never)).rejects.toMatchObject({ correlationId: null });
  });
});
