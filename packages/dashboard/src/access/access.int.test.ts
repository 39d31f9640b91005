import { request } from 'node:http';
import { AccessLog } from '@trunkline/access-log';
import { createLogger } from '@trunkline/service';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  batchJob,
  failedJob,
  logIn,
  passwords,
  post,
  startDashboard,
  type TestDashboard,
} from '../dashboard.fixture.ts';
import { maxAttemptsPerName } from './login-throttle.ts';

let dashboard: TestDashboard;
let open: TestDashboard;

beforeAll(async () => {
  dashboard = await startDashboard(inject('redisUrl'));
  open = await startDashboard(inject('redisUrl'), { DASHBOARD_USERS: '' });
});

afterAll(async () => {
  await dashboard.close();
  await open.close();
});

function get(path: string, headers: Record<string, string> = {}, of = dashboard): Promise<Response> {
  return fetch(of.url + path, { redirect: 'manual', headers: { accept: 'text/html', ...headers } });
}

test.each(['/', '/queues', '/queues/queue/audit-index', '/queues/static/favicon.ico'])(
  'without a session %s leads to the login',
  async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`/login?to=${encodeURIComponent(path)}`);
  },
);

test.each(['/events', '/queues/api/queues', '/queues/api/redis/stats'])(
  'without a session %s tells nothing',
  async (path) => {
    const answer = await get(path, { accept: 'application/json' });
    expect(answer.status).toBe(401);
  },
);

test('a login opens a session whose cookie no script can read and no other site can use', async () => {
  const answer = await post(dashboard, '/login', { name: 'vera', password: passwords.vera, to: '/queues' });
  expect(answer.headers.get('location')).toBe('/queues');
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^trunkline=[\w-]{43}; Max-Age=43200; Path=\/; .*HttpOnly; SameSite=Strict$/);
  const page = await get('/', { cookie: cookie.split(';')[0] ?? '' });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('vera <span class="role">viewer</span>');
});

test('Redis holds no session token', async () => {
  const cookie = await logIn(dashboard, 'vera');
  const keys = await dashboard.redis.keys(`*${dashboard.deployment}*session*`);
  expect(keys.length).toBeGreaterThan(0);
  expect(keys.join()).not.toContain(cookie.split('=')[1]);
});

test('a wrong password and an unknown user are refused alike, and what was typed is not logged', async () => {
  const wrong = await post(dashboard, '/login', { name: 'vera', password: 'not the password' });
  const unknown = await post(dashboard, '/login', { name: 'hunter2-typed-here', password: 'x' });
  expect([wrong.status, unknown.status]).toEqual([401, 401]);
  expect(await wrong.text()).toBe(await unknown.text());
  expect(JSON.stringify(dashboard.log)).not.toMatch(/hunter2|not the password/);
  expect(dashboard.log).toContainEqual(
    expect.objectContaining({ event: 'access.login-refused', user: 'vera' }),
  );
});

test('after logout the session is worth nothing', async () => {
  const cookie = await logIn(dashboard, 'ana');
  expect((await get('/', { cookie })).status).toBe(200);
  const answer = await post(dashboard, '/logout', {}, { cookie });
  expect(answer.status).toBe(303);
  expect((await get('/', { cookie })).status).toBe(303);
});

test('a session ends when the password of its user changes', async () => {
  const [salt, key] = [Buffer.alloc(16, 1), Buffer.alloc(32, 2)].map((bytes) => bytes.toString('base64'));
  const before = await startDashboard(inject('redisUrl'));
  const after = await startDashboard(inject('redisUrl'), {
    TRUNKLINE_PREFIX: before.deployment,
    DASHBOARD_USERS: `ana:operator:scrypt$32768$8$1$${salt}$${key}`,
  });
  const cookie = await logIn(before, 'ana');
  expect((await get('/', { cookie }, before)).status).toBe(200);
  expect((await get('/', { cookie }, after)).status).toBe(303);
  await after.close();
  await before.close();
});

test('a password cannot be guessed at will, even when it is right in the end', async () => {
  const guessed = await startDashboard(inject('redisUrl'));
  const statuses: number[] = [];
  for (let attempt = 0; attempt < maxAttemptsPerName; attempt += 1) {
    statuses.push((await post(guessed, '/login', { name: 'ana', password: `guess ${attempt}` })).status);
  }
  expect(new Set(statuses)).toEqual(new Set([401]));
  const right = await post(guessed, '/login', { name: 'ana', password: passwords.ana });
  expect(right.status).toBe(429);
  expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(60);
  const other = await post(guessed, '/login', { name: 'vera', password: passwords.vera });
  expect(other.status).toBe(303);
  await guessed.close();
});

test('the login leads to no other host', async () => {
  for (const to of ['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    const answer = await post(dashboard, '/login', { name: 'vera', password: passwords.vera, to });
    expect(answer.headers.get('location')).toMatch(/^\/(?![/\\])/);
  }
});

test.each([
  ['another site', { origin: 'https://evil.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['another port of this machine', { 'sec-fetch-site': 'same-site' }],
])('%s cannot act with the session of an operator', async (_, headers) => {
  const cookie = await logIn(dashboard, 'ana');
  const job = await failedJob(dashboard, 'audit-index', batchJob);
  const answer = await fetch(`${dashboard.url}/queues/api/queues/audit-index/${job.id}/retry`, {
    method: 'PUT',
    headers: { origin: dashboard.url, cookie, ...headers },
  });
  expect(answer.status).toBe(403);
  expect(await job.getState()).toBe('failed');
});

test('a request that states no origin changes nothing', async () => {
  const cookie = await logIn(dashboard, 'ana');
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const path = `${dashboard.url}/queues/api/queues/pause`;
    request(path, { method: 'PUT', headers: { cookie } }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(403);
  expect(await dashboard.queue('audit-index').isPaused()).toBe(false);
});

test('pages come with a policy that knows this host alone, and are kept by no cache', async () => {
  const cookie = await logIn(dashboard, 'vera');
  for (const path of ['/', '/queues', '/login']) {
    const { headers } = await get(path, { cookie });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/https?:|\*/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('behind TLS at a trusted proxy the cookie is Secure and bound to the host', async () => {
  const proxied = await startDashboard(inject('redisUrl'), { DASHBOARD_TRUSTED_PROXIES: 'loopback' });
  const form = { name: 'vera', password: passwords.vera };
  const answer = await post(proxied, '/login', form, { 'x-forwarded-proto': 'https' });
  expect(answer.headers.get('set-cookie')).toMatch(/^__Host-trunkline=.*Secure/);
  await proxied.close();
});

test('a proxy that is not trusted is not believed', async () => {
  const form = { name: 'vera', password: passwords.vera };
  const answer = await post(dashboard, '/login', form, { 'x-forwarded-proto': 'https' });
  expect(answer.headers.get('set-cookie')).not.toContain('Secure');
});

test('without users everybody on this machine may look, and the page says so', async () => {
  const page = await get('/', {}, open);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('This dashboard has no users');
});

test('without users nobody may act', async () => {
  const job = await failedJob(open, 'audit-index', batchJob);
  const answer = await fetch(`${open.url}/queues/api/queues/audit-index/${job.id}/retry`, {
    method: 'PUT',
    headers: { origin: open.url },
  });
  expect(answer.status).toBe(403);
  expect(await job.getState()).toBe('failed');
});

test('without users a web page cannot read it by a name of its own', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(open.url, { headers: { host: 'rebound.example' } }, (answer) =>
      resolve(answer.resume().statusCode),
    )
      .on('error', reject)
      .end();
  });
  expect(status).toBe(421);
});

describe('behind a proxy that logs people in', () => {
  let proxied: TestDashboard;

  beforeAll(async () => {
    proxied = await startDashboard(inject('redisUrl'), {
      DASHBOARD_USERS: '',
      DASHBOARD_TRUSTED_PROXIES: 'loopback',
      DASHBOARD_PROXY_USER_HEADER: 'X-Forwarded-User',
      DASHBOARD_PROXY_ROLES_HEADER: 'X-Forwarded-Groups',
      DASHBOARD_PROXY_OPERATORS: 'trunkline-operators',
      DASHBOARD_PROXY_VIEWERS: 'everybody',
    });
  });
  afterAll(() => proxied.close());

  const operator = { 'x-forwarded-user': 'ana@example.com', 'x-forwarded-groups': 'trunkline-operators' };
  const viewer = { 'x-forwarded-user': 'vera@example.com', 'x-forwarded-groups': 'everybody' };

  test('its users are let in with their role, and have nothing to log out of here', async () => {
    const text = await (await get('/', operator, proxied)).text();
    expect(text).toContain('ana@example.com <span class="role">operator</span>');
    expect(text).not.toContain('Log out');
  });

  test('an operator acts under the name that the proxy told, from where the proxy says they are', async () => {
    const job = await failedJob(proxied, 'audit-index', batchJob);
    const retry = (headers: Record<string, string>) =>
      fetch(`${proxied.url}/queues/api/queues/audit-index/${job.id}/retry`, {
        method: 'PUT',
        headers: { origin: proxied.url, 'x-forwarded-for': '203.0.113.9', ...headers },
      });
    expect((await retry(viewer)).status).toBe(403);
    expect((await retry(operator)).ok).toBe(true);
    await expect
      .poll(() => proxied.log)
      .toContainEqual(
        expect.objectContaining({
          event: 'access.operator-action',
          user: 'ana@example.com',
          action: 'retry',
          address: '203.0.113.9',
        }),
      );
  });

  test('who has no role here, or comes past the proxy, stays outside', async () => {
    const stranger = await get('/', { 'x-forwarded-user': 'eve', 'x-forwarded-groups': 'sales' }, proxied);
    expect(stranger.status).toBe(403);
    expect((await get('/', {}, proxied)).status).toBe(401);
    expect((await get('/events', { accept: 'text/event-stream' }, proxied)).status).toBe(401);
  });

  test('a header of somebody who is no named proxy is worth nothing', async () => {
    const elsewhere = await startDashboard(inject('redisUrl'), {
      DASHBOARD_USERS: '',
      DASHBOARD_TRUSTED_PROXIES: '10.9.8.7',
      DASHBOARD_PROXY_USER_HEADER: 'X-Forwarded-User',
    });
    const answer = await get('/', { ...operator, 'x-forwarded-for': '10.9.8.7' }, elsewhere);
    expect(answer.status).toBe(401);
    expect(elsewhere.log).toContainEqual(
      expect.objectContaining({ event: 'access.login-refused', user: null, address: '127.0.0.1' }),
    );
    await elsewhere.close();
  });
});

describe('the access log', () => {
  test('is a page for operators, with who did what, on which, from where', async () => {
    const job = await failedJob(dashboard, 'audit-index', batchJob);
    const cookie = await logIn(dashboard, 'ana');
    await fetch(`${dashboard.url}/queues/api/queues/audit-index/${job.id}/retry`, {
      method: 'PUT',
      headers: { origin: dashboard.url, cookie },
    });
    const text = await (await get('/access-log', { cookie })).text();
    expect(text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain(
      `ana operator retry audit-index ${job.id} 127.0.0.1 done`,
    );
    const viewer = await logIn(dashboard, 'vera');
    expect((await get('/access-log', { cookie: viewer })).status).toBe(403);
    expect(await (await get('/', { cookie: viewer })).text()).not.toContain('/access-log');
  });

  test('shows what the command line did beside it', async () => {
    const who = { user: 'ops@host-7', role: null, address: 'host-7', via: 'command-line' } as const;
    const log = createLogger({ service: 'cli', instance: 'test', level: 'silent' });
    await new AccessLog(dashboard.redis, dashboard.deployment, log).tell(
      {
        ...who,
        event: 'access.operator-action',
        action: 'retry-all',
        target: 'archive-fetch, all failed',
        outcome: 'done',
        count: 3,
        reason: null,
      },
      '',
    );
    const text = await (await get('/access-log', { cookie: await logIn(dashboard, 'ana') })).text();
    expect(text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')).toContain(
      'ops@host-7 command line retry-all archive-fetch, all failed host-7 done 3',
    );
  });
});
