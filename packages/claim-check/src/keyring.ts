import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import { constants as zlib, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { TrunklineError } from '@trunkline/contracts';

/**
 * Seals payloads and opens them again.
 *
 * A sealed payload: a header of 29 bytes (version 1; 8 bytes of the key's id; 8 bytes of the time it was sealed, ms since
 * 1970; 12 bytes of nonce), then the zstd-compressed payload under AES-256-GCM, then the tag of 16 bytes. Header and name
 * are authenticated with it: a payload that was cut, altered, or moved to another name does not open.
 *
 * The first key seals, every key opens: a new key is put in front, the old one is dropped when nothing old is left.
 */
export class Keyring {
  /** Each key is made ready once, not for every payload. */
  readonly #keys: { id: Buffer; key: KeyObject }[];

  readonly #nonces = Buffer.alloc(NONCE_BYTES * noncesAtOnce);
  #nonceAt = this.#nonces.length;

  /** @param keys of 32 bytes each, at least one */
  constructor(keys: readonly Buffer[]) {
    if (keys.length === 0 || keys.some((key) => key.length !== 32)) {
      throw new TrunklineError('CONFIG_INVALID', { message: 'PAYLOAD_KEY must hold keys of 32 bytes each.' });
    }
    this.#keys = keys.map((key) => ({ id: payloadKeyId(key), key: createSecretKey(key) }));
  }

  seal(payload: Uint8Array, name: string, now: number = Date.now()): Buffer {
    const first = this.#keys[0];
    if (first === undefined)
      throw new TrunklineError('CONFIG_INVALID', { message: 'PAYLOAD_KEY holds no key.' });
    const header = Buffer.alloc(HEADER_BYTES);
    header[0] = VERSION;
    first.id.copy(header, 1);
    header.writeBigUInt64BE(BigInt(now), 9);
    this.#nonce().copy(header, 17);
    const cipher = createCipheriv('aes-256-gcm', first.key, header.subarray(17));
    cipher.setAAD(associatedData(header, name));
    const compressed = zstdCompressSync(payload, {
      params: { [zlib.ZSTD_c_compressionLevel]: 1 },
      chunkSize: SEALED_BYTES,
    });
    return Buffer.concat([header, cipher.update(compressed), cipher.final(), cipher.getAuthTag()]);
  }

  /** Random bytes that were never given out before; got from the system for many payloads at once. */
  #nonce(): Buffer {
    if (this.#nonceAt === this.#nonces.length) {
      randomFillSync(this.#nonces);
      this.#nonceAt = 0;
    }
    this.#nonceAt += NONCE_BYTES;
    return this.#nonces.subarray(this.#nonceAt - NONCE_BYTES, this.#nonceAt);
  }

  /**
   * @param expectedBytes how long the payload is as far as its owner knows: the room that is made for it
   * @throws TrunklineError PAYLOAD_KEY_UNKNOWN where no key of this ring sealed it, PAYLOAD_UNREADABLE where it was cut or
   * altered or stands under another name
   */
  open(sealed: Buffer, name: string, expectedBytes: number = BATCH_BYTES): Buffer {
    if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== VERSION) throw unreadable(name);
    const id = sealed.subarray(1, 9);
    const entry = this.#keys.find((candidate) => candidate.id.equals(id));
    if (entry === undefined) {
      throw new TrunklineError('PAYLOAD_KEY_UNKNOWN', {
        message: `The payload ${name} was sealed with a key (${id.toString('hex')}) that PAYLOAD_KEY does not hold.`,
        remedy: 'Add the former key behind the present one in PAYLOAD_KEY, then retry.',
      });
    }
    const header = sealed.subarray(0, HEADER_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', entry.key, header.subarray(17));
    decipher.setAAD(associatedData(header, name));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      const compressed = Buffer.concat([
        decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES)),
        decipher.final(),
      ]);
      // With room for one byte more it ends where it should, and asks for no second piece of memory.
      const chunkSize = Math.min(Math.max(expectedBytes, MIN_ROOM_BYTES), MAX_ROOM_BYTES) + 1;
      return zstdDecompressSync(compressed, { chunkSize });
    } catch (cause) {
      throw unreadable(name, cause);
    }
  }
}

/** When a payload was sealed, ms since 1970, from its first `HEADER_BYTES` bytes; `null` where they are not a header. */
export function sealedAt(header: Buffer): number | null {
  return header.length >= HEADER_BYTES && header[0] === VERSION ? Number(header.readBigUInt64BE(9)) : null;
}

/** Room for a whole batch of usual size: the default of 16 KiB is filled and copied five times over. */
const BATCH_BYTES = 131_072;
/** The same, compressed. */
const SEALED_BYTES = 32_768;
const MIN_ROOM_BYTES = 1_024;
/** What is larger comes in several pieces. */
const MAX_ROOM_BYTES = 16_777_216;
const VERSION = 1;
const NONCE_BYTES = 12;
const noncesAtOnce = 256;
const TAG_BYTES = 16;
export const HEADER_BYTES = 1 + 8 + 8 + NONCE_BYTES;

/** A key's public name: it tells keys apart and nothing about them. */
export function payloadKeyId(key: Buffer): Buffer {
  return createHash('sha256').update('trunkline payload key').update(key).digest().subarray(0, 8);
}

/** The public name, in hex, of the key that sealed a payload; `null` where it is no sealed payload. */
export function keyIdOf(sealed: Buffer): string | null {
  return sealed.length < HEADER_BYTES || sealed[0] !== VERSION ? null : sealed.toString('hex', 1, 9);
}

function associatedData(header: Buffer, name: string): Buffer {
  return Buffer.concat([header, Buffer.from(name, 'utf8')]);
}

function unreadable(name: string, cause?: unknown): TrunklineError {
  return new TrunklineError('PAYLOAD_UNREADABLE', {
    message: `The payload ${name} does not open: it was cut or altered, or belongs to another name.`,
    remedy:
      'The batch is fetched again by itself; a second time, look for what writes to this Redis besides Trunkline.',
    ...(cause === undefined ? {} : { cause }),
  });
}
