import { describe, expect, it } from 'vitest';
import { statedDigest } from './stated-digest.ts';

const hex = 'a3'.repeat(32);
const base64 = Buffer.from(hex, 'hex').toString('base64');

function stated(headers: Record<string, string>) {
  return statedDigest(new Map(Object.entries(headers)));
}

describe('statedDigest', () => {
  it.each([
    ['no header', {}, null],
    ['Repr-Digest', { 'repr-digest': `sha-256=:${base64}:` }, hex],
    ['its padding left out', { 'repr-digest': `sha-256=:${base64.replace('=', '')}:` }, hex],
    ['another algorithm beside it', { 'repr-digest': `sha-512=:AAAA:,\tsha-256=:${base64}:` }, hex],
    ['parameters', { 'repr-digest': `sha-256=:${base64}:;a=1;b="x, y" , id` }, hex],
    [
      'the last of members that stand twice',
      { 'repr-digest': `sha-256=:${'A'.repeat(43)}=:, sha-256=:${base64}:` },
      hex,
    ],
    ['another algorithm alone', { 'repr-digest': 'sha-512=:AAAA:' }, null],
    ['X-Checksum-Sha256', { 'x-checksum-sha256': ` ${hex.toUpperCase()} ` }, hex],
    ['both', { 'repr-digest': `sha-256=:${base64}:`, 'x-checksum-sha256': hex }, hex],
    ['one beside one of another algorithm', { 'repr-digest': 'md5=:AAAA:', 'x-checksum-sha256': hex }, hex],
  ])('reads %s', (_name, headers, sha256) => {
    expect(stated(headers)).toEqual({ sha256, unreadable: [] });
  });

  it.each([
    ['no byte sequence', { 'repr-digest': `sha-256=${hex}` }],
    ['too few bytes', { 'repr-digest': 'sha-256=:AAAA:' }],
    ['no value', { 'repr-digest': 'sha-256' }],
    ['no dictionary', { 'repr-digest': `sha-256=:${base64}: sha-512=:AAAA:` }],
    ['a comma at the end', { 'repr-digest': `sha-256=:${base64}:,` }],
    ['an upper-case key', { 'repr-digest': `SHA-256=:${base64}:` }],
    ['hex that is too short', { 'x-checksum-sha256': hex.slice(1) }],
  ])('counts as absent and is told: %s', (_name, headers) => {
    expect(stated(headers)).toEqual({ sha256: null, unreadable: Object.keys(headers) });
  });

  it('reads the other where one cannot be read', () => {
    expect(stated({ 'repr-digest': 'nonsense!', 'x-checksum-sha256': hex })).toEqual({
      sha256: hex,
      unreadable: ['repr-digest'],
    });
  });

  it('takes two that differ for a mismatch, and names both', () => {
    const other = 'b4'.repeat(32);
    expect(() => stated({ 'repr-digest': `sha-256=:${base64}:`, 'x-checksum-sha256': other })).toThrow(
      expect.objectContaining({
        code: 'ARCHIVE_DIGEST_MISMATCH',
        message: expect.stringMatching(`${hex}.*${other}`),
      }),
    );
  });
});
