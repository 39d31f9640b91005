import { expect, test } from 'vitest';
import { type ProxyIdentity, proxyVisitor } from './proxy-visitor.ts';

const identity: ProxyIdentity = {
  userHeader: 'x-forwarded-user',
  rolesHeader: 'x-forwarded-groups',
  operatorRoles: ['trunkline-operators'],
  viewerRoles: ['trunkline-viewers'],
};

function asked(
  headers: Record<string, string>,
  remoteAddress = '10.0.0.7',
  changes: Partial<ProxyIdentity> = {},
) {
  const request = { headers, socket: { remoteAddress } } as never;
  return proxyVisitor(request, { ...identity, ...changes }, (address) => address === '10.0.0.7');
}

test('a named proxy tells who asks, and what they may do', () => {
  expect(
    asked({ 'x-forwarded-user': 'ana@example.com', 'x-forwarded-groups': 'all,trunkline-operators' }),
  ).toEqual({
    kind: 'visitor',
    name: 'ana@example.com',
    role: 'operator',
  });
  expect(asked({ 'x-forwarded-user': 'vera', 'x-forwarded-groups': 'trunkline-viewers' })).toMatchObject({
    role: 'viewer',
  });
});

test('whoever is no named proxy is not believed, whatever the request states', () => {
  const headers = {
    'x-forwarded-user': 'ana',
    'x-forwarded-groups': 'trunkline-operators',
    'x-forwarded-for': '10.0.0.7',
  };
  expect(asked(headers, '192.0.2.9')).toEqual({ kind: 'forged' });
  expect(asked({}, '192.0.2.9')).toEqual({ kind: 'nobody' });
});

test('somebody without a role here is a stranger, unless everybody may look', () => {
  const headers = { 'x-forwarded-user': 'eve', 'x-forwarded-groups': 'sales' };
  expect(asked(headers)).toEqual({ kind: 'stranger', name: 'eve' });
  expect(asked(headers, '10.0.0.7', { viewerRoles: null })).toMatchObject({
    kind: 'visitor',
    role: 'viewer',
  });
  expect(asked(headers, '10.0.0.7', { viewerRoles: null, rolesHeader: null })).toMatchObject({
    role: 'viewer',
  });
});

test.each(['', '  ', 'ana, eve', 'ana<script>', 'a'.repeat(200)])('%j is no name', (user) => {
  expect(asked({ 'x-forwarded-user': user, 'x-forwarded-groups': 'trunkline-operators' })).toEqual({
    kind: 'nobody',
  });
});

test('a role is a whole word', () => {
  const groups = 'not-trunkline-operators trunkline-operators-emea';
  expect(asked({ 'x-forwarded-user': 'eve', 'x-forwarded-groups': groups })).toEqual({
    kind: 'stranger',
    name: 'eve',
  });
});
