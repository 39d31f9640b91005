import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { RedactionError } from '../redaction-error.ts';

const SHORTEST_KEY_BYTES = 32;

export interface TokenSettings {
  /**
   * The secret: UTF-8 text, `base64:` and base64, bytes, or a KeyObject. At least 32 bytes: telephone numbers are
   * few enough to be tried one by one, so the key is all that protects them.
   */
  readonly key: string | Uint8Array | KeyObject;
  /** Hex digits of the HMAC that a token carries, 16 (default) to 64. */
  readonly hexLength?: number;
  /** Names the key, so that tokens of several keys can be told apart: `PHONE-<keyId>.<hex>`. Letters, digits, `_`. */
  readonly keyId?: string;
}

/** Turns a value's canonical form into its token. */
export interface Tokenizer {
  /** `TYPE-<hex>` or `TYPE-<keyId>.<hex>` of HMAC-SHA256 over the UTF-8 bytes of the value. */
  token(type: string, value: string): string;
  readonly keyId: string | null;
}

/** @throws RedactionError TOKEN_KEY_TOO_SHORT, TOKEN_SETTINGS_INVALID */
export function createTokenizer(settings: TokenSettings): Tokenizer {
  const hexLength = settings.hexLength ?? 16;
  if (!Number.isInteger(hexLength) || hexLength < 16 || hexLength > 64) {
    throw new RedactionError(
      'TOKEN_SETTINGS_INVALID',
      'The token length must be a whole number from 16 to 64 hex digits.',
    );
  }
  const keyId = settings.keyId ?? null;
  if (keyId !== null && !/^[A-Za-z0-9_]{1,32}$/.test(keyId)) {
    throw new RedactionError(
      'TOKEN_SETTINGS_INVALID',
      'The key id must be 1 to 32 letters, digits or underscores.',
    );
  }
  // A KeyObject: with a Buffer node imports the key anew for every value, at six times the cost.
  const key = secretKey(settings.key);
  const infix = keyId === null ? '-' : `-${keyId}.`;
  return {
    keyId,
    token: (type, value) =>
      type + infix + createHmac('sha256', key).update(value, 'utf8').digest('hex').slice(0, hexLength),
  };
}

function secretKey(key: string | Uint8Array | KeyObject): KeyObject {
  const object = typeof key === 'string' || key instanceof Uint8Array ? createSecretKey(keyBytes(key)) : key;
  if ((object.symmetricKeySize ?? 0) < SHORTEST_KEY_BYTES) {
    throw new RedactionError(
      'TOKEN_KEY_TOO_SHORT',
      `The tokenization key has fewer than ${SHORTEST_KEY_BYTES} bytes. Make one with: openssl rand -base64 48`,
    );
  }
  return object;
}

function keyBytes(key: string | Uint8Array): Uint8Array {
  if (typeof key !== 'string') return key;
  return key.startsWith('base64:')
    ? Buffer.from(key.slice('base64:'.length), 'base64')
    : Buffer.from(key, 'utf8');
}
