import { describe, expect, test } from 'vitest';
import { guideFilter, platformFilter } from './event-filter.ts';

const noLogin = { field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' };
const creations = { field: 'action', operator: 'EQUAL', value: 'CREATE' };

describe('the filters of the event stream', () => {
  test.each([
    ['{"action":"UPDATE"}', [noLogin], true],
    ['{"action":"LOGIN"}', [noLogin], false],
    ['{"action":null}', [noLogin], true],
    ['{}', [noLogin], true],
    ['{"action":"UPDATE"}', [noLogin, creations], false],
    ['{"action":"CREATE"}', [noLogin, creations], true],
    ['{"action":"LOGIN"}', [], true],
    ['null', [creations], true],
  ])('%s, %j: %j', (text, filters, meets) => {
    expect(guideFilter(filters)(text)).toBe(meets);
    expect(guideFilter(filters)(Buffer.from(text))).toBe(meets);
  });
});

describe('filters on normalised events', () => {
  const one = (field: string, operator: string, value: string) => [{ field, operator, value }];
  test.each([
    ['{"id":"1","action":"Authenticate"}', [noLogin], false],
    ['{"id":"1","action":"Authenticate","genesys":{"status":"SUCCESS"}}', [noLogin], false],
    ['{"id":"1","action":"Authenticate","genesys":{"status":"FAILURE"}}', [noLogin], true],
    ['{"id":"1","action":"AuthenticationFailed","genesys":{"status":"FAILURE"}}', [noLogin], true],
    ['{"id":"1","action":"Update"}', [noLogin], true],
    ['{"id":"1","genesys":{"action":{"a":1}}}', [noLogin], true],
    ['{"id":"1","action":"Authenticate"}', one('action', 'EQUAL', 'LOGIN'), true],
    ['{"id":"1","action":"Update"}', one('action', 'EQUAL', 'LOGIN'), false],
    [
      '{"id":"1","action":"Authenticate","genesys":{"status":"FAILURE"}}',
      one('action', 'NOT_EQUAL', 'Authenticate'),
      false,
    ],
    ['{"id":"1","resourceType":"Queue"}', one('resourceType', 'NOT_EQUAL', 'Queue'), false],
    [
      '{"id":"1","genesys":{"serviceName":"Quality"}}',
      one('genesys.serviceName', 'NOT_EQUAL', 'Quality'),
      false,
    ],
    ['{"id":"1"}', one('genesys.serviceName', 'NOT_EQUAL', 'Quality'), true],
    ['{"id":"1","ipAddress":["::1","::2"]}', one('ipAddress', 'EQUAL', '::2'), true],
    ['{"id":"1","ipAddress":["::1","::2"]}', one('ipAddress', 'NOT_EQUAL', '::2'), false],
    ['[1]', one('action', 'EQUAL', 'Update'), true],
    ['"text"', one('action', 'EQUAL', 'Update'), true],
  ])('%s, %j: %j', (text, filters, meets) => {
    expect(platformFilter(filters)(Buffer.from(text))).toBe(meets);
  });
});
