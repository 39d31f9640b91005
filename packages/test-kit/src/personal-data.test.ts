import { expect, test } from 'vitest';
import { PersonalData } from './personal-data.ts';

const data = new PersonalData();
data.learn('{"userName":"Zoë \\"Z\\" Quill","ipAddress":"203.0.113.77"}');
data.learn('{"userName":"Jo","ipAddress":"2001:DB8::9"}');
data.learn('{"userName":null,"ipAddress":"127.0.0.1"}');
data.learn('["no event"]');

test('names are found as they are and inside of JSON', () => {
  expect(data.foundIn('by Zoë "Z" Quill')).toEqual(['Zoë "Z" Quill']);
  expect(data.foundIn(JSON.stringify({ by: 'Zoë "Z" Quill' }))).toEqual(['Zoë "Z" Quill']);
});

test('addresses are found whole, in any case', () => {
  expect(data.foundIn('from 203.0.113.77, 2001:db8::9')).toEqual(['203.0.113.77', '2001:db8::9']);
  expect(data.foundIn('1203.0.113.77 203.0.113.771')).toEqual([]);
});

test('what says nothing about a person is not looked for', () => {
  expect(data.foundIn('Jo at 127.0.0.1:9200')).toEqual([]);
  expect(data.size).toBe(3);
});
