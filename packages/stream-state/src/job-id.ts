import { createHash } from 'node:crypto';

/**
 * Id of a batch's job (rule 3): `stream-epoch-seq-hash`. The epoch keeps a page that is fetched again after a rewind from
 * being dropped as a duplicate of its former job; the hash keeps two pages of one seq apart.
 */
export function batchJobId(stream: string, epoch: string, seq: number, page: string): string {
  return `${stream}-${epoch}-${seq}-${page.slice(0, 16)}`;
}

/**
 * Fingerprint of a page: SHA-256 (hex) over the source texts of its events. Content, not ids: a page that comes again with
 * one event altered is another page, so that the alteration is seen.
 */
export function pageFingerprint(eventTexts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of eventTexts) hash.update(text).update('\n');
  return hash.digest('hex');
}

/** Redis key of a batch's payload, derived from its job id (rule 3). */
export function payloadKeyOf(pipelinePrefix: string, jobId: string): string {
  return `${pipelinePrefix}:payload:${jobId}`;
}
