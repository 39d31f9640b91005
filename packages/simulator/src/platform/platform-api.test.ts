import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, SimulatorControl } from '../index.ts';
import { PlatformClient, stillPlatform } from '../testing/platform-client.ts';
import type { HandClock } from '../testing/poller.ts';

const MAPPING = '/api/v2/audits/query/servicemapping';

describe('the platform API', () => {
  let simulator: Simulator;
  let clock: HandClock;
  let control: SimulatorControl;
  let client: PlatformClient;

  beforeAll(async () => {
    ({ simulator, clock } = await stillPlatform({ rateLimit: 3 }));
    control = new SimulatorControl(simulator.url);
  });
  beforeEach(async () => {
    clock.pass(60);
    await control.clearFaults();
    await control.changeRateLimit({ allowed: 3, answer: 'seconds', headers: 'all' });
    client = await PlatformClient.connect(simulator.url);
  });
  afterAll(() => simulator.close());

  it('gives a correlation id with every reply, the one of the error body with an error', async () => {
    const good = await client.get(MAPPING);
    expect(good.status).toBe(200);
    expect(good.headers.get('inin-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    const bad = await client.get(`${MAPPING}?page=1`);
    expect([bad.status, bad.headers.get('inin-correlation-id')]).toEqual([
      400,
      ((await bad.json()) as { contextId: string }).contextId,
    ]);
    const lost = await client.get('/api/v2/audits');
    expect([lost.status, lost.headers.get('inin-correlation-id')]).toEqual([404, expect.any(String)]);
  });

  it('names the parameter that it does not know', async () => {
    const response = await client.get(`${MAPPING}?pageNumber=1`);
    expect(await response.json()).toMatchObject({
      status: 400,
      code: 'constraint.validation',
      details: [{ errorCode: 'unknown.field', fieldName: 'pageNumber' }],
      errors: [],
    });
  });

  it('wants a valid token, the permission, and the method of the path', async () => {
    const stranger = new PlatformClient(simulator.url, 'no-token');
    expect((await stranger.get(MAPPING)).status).toBe(401);
    await control.setMissingPermissions('audits:audit:view');
    const forbidden = await client.get(MAPPING);
    await control.setMissingPermissions();
    expect([forbidden.status, await forbidden.json()]).toMatchObject([
      403,
      { code: 'missing.permissions', messageParams: { permissions: 'audits:audit:view' } },
    ]);
    const wrong = await client.request('DELETE', MAPPING);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('allows so many requests a minute, and tells with each how many are left', async () => {
    const told = async () => {
      const { status, headers } = await client.get(MAPPING);
      return [status, ...['count', 'allowed', 'reset'].map((name) => headers.get(`inin-ratelimit-${name}`))];
    };
    expect(await told()).toEqual([200, '1', '3', '60']);
    clock.pass(59);
    expect(await told()).toEqual([200, '2', '3', '1']);
    expect(await told()).toEqual([200, '3', '3', '1']);
    expect((await told())[0]).toBe(429);
    clock.pass(1);
    expect(await told()).toEqual([200, '1', '3', '60']);
    const [traffic] = Object.values((await control.summary()).traffic);
    expect(traffic?.mostInAMinute).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['seconds', { retryAfter: '60', reset: '60', message: /\[3\] requests within \[60\] seconds$/ }],
    ['date', { retryAfter: expect.stringMatching(/GMT$/), reset: '60', message: /\[60\] seconds$/ }],
    ['bracket', { retryAfter: null, reset: null, message: /in \[60\] seconds$/ }],
    ['reset', { retryAfter: null, reset: '60', message: /exceeded the maximum/ }],
    ['bare', { retryAfter: null, reset: null, message: /exceeded the maximum/ }],
  ] as const)('tells the wait of a 429 as %s', async (answer, expected) => {
    const headers = answer === 'bracket' || answer === 'bare' ? 'none' : 'all';
    await control.changeRateLimit({ allowed: 3, answer, headers });
    for (let n = 0; n < 3; n++) await client.get(MAPPING);
    const response = await client.get(MAPPING);
    const { message, code } = (await response.json()) as { message: string; code: string };
    expect(code).toBe(answer === 'bracket' ? 'too.many.requests.retry.after' : 'too.many.requests');
    expect(message).toMatch(expected.message);
    expect({
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      reset: response.headers.get('inin-ratelimit-reset'),
    }).toEqual({ status: 429, retryAfter: expected.retryAfter, reset: expected.reset });
  });

  it.each([
    [{ kind: 'status', match: 'audits-services', status: 503 }, 503],
    [{ kind: 'status', match: 'audits', status: 504 }, 504],
    [{ kind: 'redirect', match: 'audits', status: 307 }, 307],
    [{ kind: 'rate-limit', match: 'audits', retryAfterSeconds: 7200, form: 'bracket' }, 429],
    [{ kind: 'forbidden', match: 'any' }, 403],
    [{ kind: 'unauthorized', match: 'any' }, 401],
    [{ kind: 'status', match: 'audits-realtime', status: 503 }, 200],
  ] as const)('is struck by the faults that match: %o', async (fault, status) => {
    await control.addFaults({ ...fault, times: 1 });
    expect((await client.get(MAPPING)).status).toBe(status);
  });

  it('stands behind the path of a gateway where it has one', async () => {
    await using gateway = await stillPlatform({ loginPrefix: '/gw/login', apiPrefix: '/gw/api' });
    const { url } = gateway.simulator;
    const through = await PlatformClient.connect(url, '/gw/login');
    expect((await through.get(`/gw/api${MAPPING}`)).status).toBe(200);
    expect((await through.get(MAPPING)).status).toBe(404);
  });
});
