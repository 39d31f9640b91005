import { createRedactor } from '@trunkline/redaction';
import { loadSettings } from '@trunkline/service';
import { describe, expect, test } from 'vitest';
import { personSettings } from '../config.ts';
import { UsageError } from '../frame/exit-codes.ts';
import { personNamed, tokenOfValue } from './person.ts';

const key = 'a key of 32 bytes and a few more ...';
const config = (env: Record<string, string> = {}) =>
  loadSettings(personSettings, { TOKENIZATION_KEY: key, ...env });

describe('who is meant', () => {
  const ways = '--phone or --email';

  test('exactly one is to be named', () => {
    expect(() => personNamed({}, ways)).toThrow(UsageError);
    expect(() => personNamed({ phone: '1', email: 'a' }, ways)).toThrow('one of --phone or --email');
    expect(() => personNamed({ phone: '1', token: 'PHONE-b546248d1e870f00' }, ways)).toThrow(UsageError);
  });

  test('a dash, or no value, stands for standard input', () => {
    expect(personNamed({ phone: '-' }, ways)).toEqual({ kind: 'PHONE', value: null });
    expect(personNamed({ ssn: true }, ways)).toEqual({ kind: 'SSN', value: null });
    expect(personNamed({ email: 'x@example.org' }, ways)).toEqual({ kind: 'EMAIL', value: 'x@example.org' });
  });

  test('a token is taken as it stands in the archive, and nothing else is taken for one', () => {
    expect(personNamed({ token: 'PHONE-k2.b546248d1e870f00' }, ways)).toEqual({
      kind: 'token',
      token: 'PHONE-k2.b546248d1e870f00',
    });
    expect(() => personNamed({ token: '+1 202 555 0143' }, ways)).toThrow('must be a token');
  });
});

describe('the token of a value', () => {
  test('is the one that redaction writes, in whatever writing the value comes', () => {
    const written = createRedactor({ tokens: { key } }).redactText('call me at (415) 555-2671').text;
    const token = tokenOfValue('PHONE', '+1 415 555 2671', config());
    expect(written).toContain(token);
    expect(tokenOfValue('PHONE', '415.555.2671', config())).toBe(token);
  });

  test('carries key id and length as the redactors write them', () => {
    const env = { TOKENIZATION_KEY_ID: 'k2', REDACTION_TOKEN_HEX: '24' };
    expect(tokenOfValue('EMAIL', 'Bob@Example.org', config(env))).toMatch(/^EMAIL-k2\.[0-9a-f]{24}$/);
  });

  test('is of the region', () => {
    const german = config({ REDACTION_REGION: 'DE' });
    expect(tokenOfValue('PHONE', '030 901820', german)).toBe(
      tokenOfValue('PHONE', '+49 30 901820', config()),
    );
  });

  test('in guide mode is that of the very writing', () => {
    const guide = config({ REDACTION_MODE: 'guide' });
    const redactor = createRedactor({ tokens: { key }, mode: 'guide' });
    const token = tokenOfValue('PHONE', '555-123-4567', guide);
    expect(redactor.redactText('so 555-123-4567, yes').text).toBe(`so ${token}, yes`);
    expect(tokenOfValue('PHONE', '555 123 4567', guide)).not.toBe(token);
    expect(() => tokenOfValue('CARD', '4111 1111 1111 1111', guide)).toThrow(UsageError);
  });

  test('of what is no such value is refused without repeating it', () => {
    const refused = (): string => tokenOfValue('EMAIL', 'jane at home', config());
    expect(refused).toThrow(UsageError);
    expect(refused).not.toThrow(/jane/);
  });
});
