import { loadSettings, maskedSettings } from '@trunkline/service';
import { expect, test } from 'vitest';
import { checkDashboardSettings, dashboardSettings } from './config.ts';

const hash = `scrypt$32768$8$1$${Buffer.alloc(16, 1).toString('base64')}$${Buffer.alloc(32, 2).toString('base64')}`;

function load(env: NodeJS.ProcessEnv) {
  return loadSettings(dashboardSettings, { REDIS_URL: 'redis://localhost', ...env }, checkDashboardSettings);
}

test('users are read with their roles', () => {
  const { users } = load({ DASHBOARD_USERS: `ana:operator:${hash}, vera.o@acme:viewer:${hash}` }).dashboard;
  expect(users?.map(({ name, role }) => [name, role])).toEqual([
    ['ana', 'operator'],
    ['vera.o@acme', 'viewer'],
  ]);
});

test.each(['0.0.0.0', '::', '10.1.2.3', 'dashboard.internal'])(
  'a dashboard without users does not listen on %s',
  (DASHBOARD_HOST) => {
    expect(() => load({ DASHBOARD_HOST })).toThrow(/DASHBOARD_USERS is missing/);
    expect(() => load({ DASHBOARD_HOST, DASHBOARD_USERS: `ana:operator:${hash}` })).not.toThrow();
  },
);

test.each(['127.0.0.1', '::1', 'localhost'])('without users it may listen on %s', (DASHBOARD_HOST) => {
  expect(load({ DASHBOARD_HOST }).dashboard.users).toBeNull();
});

test.each([
  ['a password in plain text', 'ana:operator:hunter2-in-plain-text'],
  ['an unknown role', `ana:admin:${hash}`],
  ['a user twice', `ana:operator:${hash},ana:viewer:${hash}`],
  ['a name with blanks', `ana b:operator:${hash}`],
])('%s is refused without being repeated', (_, DASHBOARD_USERS) => {
  expect(() => load({ DASHBOARD_USERS })).toThrow(/DASHBOARD_USERS (must be|names a user twice)/);
  expect(() => load({ DASHBOARD_USERS })).not.toThrow(/hunter2|scrypt\$/);
});

test.each(['loopback', '10.0.0.0/8', '::1', 'fd00::/8', '192.168.1.7'])(
  '%s can be a trusted proxy',
  (proxy) => {
    expect(load({ DASHBOARD_TRUSTED_PROXIES: proxy }).dashboard.trustedProxies).toEqual([proxy]);
  },
);

test.each(['everyone', '10.0.0.0/33', '10.0.0/8', 'true', '1'])('%s can be none', (proxy) => {
  expect(() => load({ DASHBOARD_TRUSTED_PROXIES: proxy })).toThrow(/DASHBOARD_TRUSTED_PROXIES must be/);
});

test('the line in the log shows no hash', () => {
  const shown = maskedSettings(dashboardSettings, { DASHBOARD_USERS: `ana:operator:${hash}` });
  expect(shown['DASHBOARD_USERS']).toBe('***');
});
