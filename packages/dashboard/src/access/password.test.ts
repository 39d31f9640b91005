import { expect, test } from 'vitest';
import { hashPassword, parsePasswordHash, passwordMatches } from './password.ts';

const salt = Buffer.alloc(16, 1).toString('base64');
const key = Buffer.alloc(32, 2).toString('base64');

test('a password matches its own hash and no other', async () => {
  const text = await hashPassword('correct horse battery');
  expect(text).toMatch(/^scrypt\$32768\$8\$1\$[\w+/]{22}==\$[\w+/]{43}=$/);
  const hash = parsePasswordHash(text);
  if (hash === null) throw new Error('the hash cannot be read back');
  expect(await passwordMatches('correct horse battery', hash)).toBe(true);
  expect(await passwordMatches('correct horse batterz', hash)).toBe(false);
  expect(await passwordMatches('', hash)).toBe(false);
});

test('the same letters match however the keyboard composes them', async () => {
  const hash = parsePasswordHash(await hashPassword('Zürich'));
  expect(hash && (await passwordMatches('Zu\u0308rich', hash))).toBe(true);
});

test('a password longer than the limit is wrong without being hashed', async () => {
  const long = 'x'.repeat(1_025);
  const hash = parsePasswordHash(await hashPassword(long));
  expect(hash && (await passwordMatches(long, hash))).toBe(false);
});

test.each([
  ['no hash', 'password'],
  ['another scheme', `bcrypt$32768$8$1$${salt}$${key}`],
  ['a cost that is no power of two', `scrypt$32769$8$1$${salt}$${key}`],
  ['too low a cost', `scrypt$1024$8$1$${salt}$${key}`],
  ['more memory than one login may take', `scrypt$1048576$8$1$${salt}$${key}`],
  ['a short salt', `scrypt$32768$8$1$AAAA$${key}`],
  ['a short key', `scrypt$32768$8$1$${salt}$AAAA`],
])('a configured hash is refused: %s', (_, text) => {
  expect(parsePasswordHash(text)).toBeNull();
});
