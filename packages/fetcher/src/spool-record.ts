import { createHash } from 'node:crypto';
import { type AuditBatchJob, auditBatchJob } from '@trunkline/contracts';

/** One batch on disk: its job, and its payload as it was sealed for Redis. */
export interface SpoolRecord {
  jobId: string;
  job: AuditBatchJob;
  sealed: Buffer;
}

/**
 * Layout: `TLS1`, length of the head (4 bytes), head (JSON: job id and job, no payload), sealed payload, SHA-256 over all
 * of it. A record that a power cut tore, or that a disk altered, does not read.
 */
export function writeRecord(record: SpoolRecord): Buffer {
  const head = Buffer.from(JSON.stringify({ jobId: record.jobId, job: record.job }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  const body = Buffer.concat([MAGIC, length, head, record.sealed]);
  return Buffer.concat([body, sha256(body)]);
}

/** The record, or `null` where the bytes are not a whole one. */
export function readRecord(bytes: Buffer): SpoolRecord | null {
  if (bytes.length < MAGIC.length + 4 + DIGEST_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC))
    return null;
  const body = bytes.subarray(0, -DIGEST_BYTES);
  if (!sha256(body).equals(bytes.subarray(-DIGEST_BYTES))) return null;
  const headStart = MAGIC.length + 4;
  const headEnd = headStart + body.readUInt32BE(MAGIC.length);
  try {
    const head = JSON.parse(body.toString('utf8', headStart, headEnd)) as { jobId: unknown; job: unknown };
    if (typeof head.jobId !== 'string') return null;
    return { jobId: head.jobId, job: auditBatchJob.parse(head.job), sealed: body.subarray(headEnd) };
  } catch {
    return null; // written by another version
  }
}

const MAGIC = Buffer.from('TLS1');
const DIGEST_BYTES = 32;

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
