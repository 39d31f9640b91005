import { hash } from 'node:crypto';

/**
 * Id of a batch's job (rule 3): `stream-epoch-seq-hash`. The epoch keeps a page that is fetched again after a rewind from
 * being dropped as a duplicate of its former job; the hash keeps two pages of one seq apart.
 */
export function batchJobId(stream: string, epoch: string, seq: number, page: string): string {
  return `${stream}-${epoch}-${seq}-${page.slice(0, 16)}`;
}

/**
 * Fingerprint of a page: SHA-256 (hex) over the source texts of its events, a line break behind each. Content, not ids: a page
 * that comes again with one event altered is another page, so that the alteration is seen.
 * @param events as texts, or as their UTF-8
 */
export function pageFingerprint(events: readonly (string | Uint8Array)[]): string {
  const lines = events.map((event) => (typeof event === 'string' ? Buffer.from(event) : event));
  const length = lines.reduce((sum, line) => sum + line.length + 1, 0);
  if (hashed.length < length) hashed = Buffer.allocUnsafeSlow(length);
  let at = 0;
  for (const line of lines) {
    hashed.set(line, at);
    at += line.length;
    hashed[at++] = LINE_BREAK;
  }
  return hash('sha256', hashed.subarray(0, length), 'hex');
}

/** What is hashed, in one piece: two calls an event take as long as all the hashing. */
let hashed = Buffer.allocUnsafeSlow(131_072);
const LINE_BREAK = 0x0a;

/** Redis key of a batch's payload, derived from its job id (rule 3). */
export function payloadKeyOf(pipelinePrefix: string, jobId: string): string {
  return `${pipelinePrefix}:payload:${jobId}`;
}
