import { randomBytes } from 'node:crypto';
import { errorCodeOf } from '@trunkline/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyring, sealedAt } from './keyring.ts';

const key = randomBytes(32);
const ring = new Keyring([key]);

function codeOf(work: () => unknown): string | null {
  try {
    work();
  } catch (error) {
    return errorCodeOf(error);
  }
  return 'nothing thrown';
}

describe('Keyring', () => {
  it('opens what it sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), fc.string(), (payload, name) => {
        expect(ring.open(ring.seal(payload, name), name)).toEqual(Buffer.from(payload));
      }),
    );
  });

  it('leaves nothing of the payload readable', () => {
    const sealed = ring.seal(Buffer.from('Jane Doe '.repeat(3)), 'n');
    expect(sealed.includes('Jane')).toBe(false);
  });

  it('refuses a flipped bit anywhere, and a cut anywhere', () => {
    const sealed = ring.seal(Buffer.from('payload'), 'n');
    for (let at = 0; at < sealed.length; at++) {
      const flipped = Buffer.from(sealed);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(codeOf(() => ring.open(flipped, 'n'))).toMatch(/^PAYLOAD_/);
      expect(codeOf(() => ring.open(sealed.subarray(0, at), 'n'))).toMatch(/^PAYLOAD_/);
    }
  });

  it('refuses a payload under another name', () => {
    expect(codeOf(() => ring.open(ring.seal(Buffer.from('p'), 'a'), 'b'))).toBe('PAYLOAD_UNREADABLE');
  });

  it('seals with the first key and opens with every key', () => {
    const old = ring.seal(Buffer.from('p'), 'n');
    const rotated = new Keyring([randomBytes(32), key]);
    expect(rotated.open(old, 'n').toString()).toBe('p');
    expect(codeOf(() => ring.open(rotated.seal(Buffer.from('p'), 'n'), 'n'))).toBe('PAYLOAD_KEY_UNKNOWN');
  });

  it('tells when a payload was sealed', () => {
    expect(sealedAt(ring.seal(Buffer.from('p'), 'n', 1_700_000_000_000))).toBe(1_700_000_000_000);
    expect(sealedAt(Buffer.from('short'))).toBeNull();
  });

  it('takes keys of 32 bytes only', () => {
    expect(codeOf(() => new Keyring([randomBytes(16)]))).toBe('CONFIG_INVALID');
    expect(codeOf(() => new Keyring([]))).toBe('CONFIG_INVALID');
  });
});
