import type { DigestForm } from './archive-settings.ts';

/**
 * The headers that state the digest of the whole body: `Repr-Digest` (RFC 9530), `X-Checksum-Sha256`, both or none.
 * @param sha256 hex
 * @param wrong which of them is to state another digest
 */
export function digestHeaders(
  form: DigestForm,
  sha256: string,
  wrong: 'repr-digest' | 'x-checksum' | 'all' | null = null,
): Record<string, string> {
  const stated = (header: DigestForm) => (wrong === 'all' || wrong === header ? other(sha256) : sha256);
  const representation = Buffer.from(stated('repr-digest'), 'hex').toString('base64');
  return {
    ...(form === 'repr-digest' || form === 'both' ? { 'Repr-Digest': `sha-256=:${representation}:` } : {}),
    ...(form === 'x-checksum' || form === 'both' ? { 'X-Checksum-Sha256': stated('x-checksum') } : {}),
  };
}

function other(sha256: string): string {
  return `${sha256.startsWith('f') ? '0' : 'f'}${sha256.slice(1)}`;
}

/** The strong ETag of a body. */
export function etagOf(sha256: string): string {
  return `"${sha256.slice(0, 40)}"`;
}
