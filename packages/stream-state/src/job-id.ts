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
 */
export function pageFingerprint(events: readonly string[]): string {
  return linesFingerprint(Buffer.from(events.map((event) => `${event}\n`).join('')));
}

/** The fingerprint of the page whose events these lines are. */
export function linesFingerprint(lines: Uint8Array): string {
  return hash('sha256', lines, 'hex');
}

/** Redis key of a batch's payload, derived from its job id (rule 3). */
export function payloadKeyOf(pipelinePrefix: string, jobId: string): string {
  return `${pipelinePrefix}:payload:${jobId}`;
}
