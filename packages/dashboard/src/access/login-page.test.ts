import { expect, test } from 'vitest';
import { localPath, loginPage } from './login-page.ts';

test.each([
  ['/queues/queue/audit-index?status=failed', '/queues/queue/audit-index?status=failed'],
  [undefined, '/'],
  [['/a', '/b'], '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/..//evil.example', '/'],
  ['/login?to=/login', '/'],
])('after the login %j leads to %s', (to, expected) => {
  expect(localPath(to)).toBe(expected);
});

test('what is sent to the login page is text on it', () => {
  expect(loginPage(null, '"><script>alert(1)</script>')).not.toContain('<script>alert');
});
