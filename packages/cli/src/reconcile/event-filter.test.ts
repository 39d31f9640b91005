import { expect, test } from 'vitest';
import { meetsFilters } from './event-filter.ts';

const noLogin = [{ field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' }];

test.each([
  ['{"action":"UPDATE"}', noLogin, true],
  ['{"action":"LOGIN"}', noLogin, false],
  ['{"action":null}', noLogin, true],
  ['{}', noLogin, true],
  ['{"action":"UPDATE"}', [...noLogin, { field: 'action', operator: 'EQUAL', value: 'CREATE' }], false],
  ['{"action":"CREATE"}', [...noLogin, { field: 'action', operator: 'EQUAL', value: 'CREATE' }], true],
  ['{"action":"LOGIN"}', [], true],
])('%s', (text, filters, meets) => {
  expect(meetsFilters(text, filters)).toBe(meets);
});
