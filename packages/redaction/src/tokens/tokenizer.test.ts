import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from './tokenizer.ts';

const KEY = '0123456789abcdef0123456789abcdef';

describe('tokens', () => {
  it('are the first 16 hex digits of HMAC-SHA256 over the value', () => {
    const expected = createHmac('sha256', KEY).update('+14155552671').digest('hex').slice(0, 16);
    expect(createTokenizer({ key: KEY }).token('PHONE', '+14155552671')).toBe(`PHONE-${expected}`);
  });

  it('carry a key id and as many digits as asked', () => {
    const token = createTokenizer({ key: KEY, keyId: 'k2', hexLength: 64 }).token('SSN', '123456789');
    expect(token).toBe(`SSN-k2.${createHmac('sha256', KEY).update('123456789').digest('hex')}`);
  });

  it('are the same for a key given as text, bytes, base64 or KeyObject', () => {
    const bytes = Buffer.from(KEY, 'utf8');
    const forms = [KEY, bytes, `base64:${bytes.toString('base64')}`, createSecretKey(bytes)];
    const tokens = forms.map((key) => createTokenizer({ key }).token('EMAIL', 'a@b.c'));
    expect(new Set(tokens).size).toBe(1);
  });

  it('refuse a key under 32 bytes', () => {
    expect(() => createTokenizer({ key: KEY.slice(1) })).toThrow(
      expect.objectContaining({ code: 'TOKEN_KEY_TOO_SHORT' }),
    );
    expect(() => createTokenizer({ key: createSecretKey(Buffer.alloc(31)) })).toThrow(
      expect.objectContaining({ code: 'TOKEN_KEY_TOO_SHORT' }),
    );
  });

  it.each([{ hexLength: 15 }, { hexLength: 65 }, { hexLength: 16.5 }, { keyId: 'a-b' }, { keyId: '' }])(
    'refuse the settings %o',
    (settings) => {
      expect(() => createTokenizer({ key: KEY, ...settings })).toThrow(
        expect.objectContaining({ code: 'TOKEN_SETTINGS_INVALID' }),
      );
    },
  );
});
