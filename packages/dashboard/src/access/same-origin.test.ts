import { expect, test } from 'vitest';
import { isLoopbackName, mayChangeThings } from './same-origin.ts';

const host = 'trunkline.example:3000';
const own = 'http://trunkline.example:3000';

test.each([
  ['the own page, as browsers say it', { origin: own, fetchSite: 'same-origin' }],
  [
    'the own page over plain http on a network, where only Origin is sent',
    { origin: own, fetchSite: undefined },
  ],
  [
    'the own page behind a proxy that rewrites Host',
    { origin: 'https://public.example', fetchSite: 'same-origin' },
  ],
])('%s may change things', (_, request) => {
  expect(mayChangeThings({ method: 'PUT', host, ...request })).toBe(true);
});

test.each([
  ['another site', { origin: 'https://evil.example', fetchSite: 'cross-site' }],
  ['another site without fetch metadata', { origin: 'https://evil.example', fetchSite: undefined }],
  ['another port of the same host', { origin: 'http://trunkline.example:8080', fetchSite: undefined }],
  ['a sibling host', { origin: own, fetchSite: 'same-site' }],
  ['an address bar', { origin: undefined, fetchSite: 'none' }],
  ['a sandboxed frame', { origin: 'null', fetchSite: undefined }],
  ['who says nothing', { origin: undefined, fetchSite: undefined }],
])('%s may not', (_, request) => {
  expect(mayChangeThings({ method: 'PUT', host, ...request })).toBe(false);
});

test('reading is free', () => {
  expect(mayChangeThings({ method: 'GET', host, origin: undefined, fetchSite: 'cross-site' })).toBe(true);
});

test.each([
  ['localhost', true],
  ['localhost:3000', true],
  ['127.0.0.1:3000', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['[::1]:3000', true],
  ['0.0.0.0', false],
  ['', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:3000', false],
])('%s is this machine: %s', (name, expected) => {
  expect(isLoopbackName(name)).toBe(expected);
});
