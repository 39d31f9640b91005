/** One link of the compliance chain as it is written and judged: pure. */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type ArchiveComplianceJob, archiveComplianceJob, sha256Hex } from '@trunkline/contracts';
import { z } from 'zod';

/** What is kept of a compliance job. */
export type ComplianceRecord = Omit<ArchiveComplianceJob, 'v' | 'traceId'>;

const entrySchema = z.object({
  v: z.literal(1),
  /** From 1, without gaps. */
  seq: z.number().int().positive(),
  /** SHA-256 of the bytes of the entry before; `null` for the first. */
  previous: sha256Hex.nullable(),
  appendedAt: z.iso.datetime(),
  record: archiveComplianceJob.omit({ v: true, traceId: true }),
  /** Which key `mac` was made with, see `complianceKey`. */
  keyId: z.string(),
  /** HMAC-SHA256, in hex, of this entry's JSON without the field itself. */
  mac: sha256Hex,
});
export type ComplianceEntry = z.infer<typeof entrySchema>;

export interface ComplianceKey {
  id: string;
  key: Buffer;
}

/**
 * The key of the chain, derived from TOKENIZATION_KEY by HKDF-SHA256, so that neither tells anything about the other. Its id is
 * derived too: the same key has the same id.
 */
export function complianceKey(tokenizationKey: Uint8Array): ComplianceKey {
  const derive = (info: string, bytes: number): Buffer =>
    Buffer.from(hkdfSync('sha256', tokenizationKey, '', info, bytes));
  return {
    key: derive('trunkline compliance chain v1', 32),
    id: derive('trunkline compliance chain v1 key id', 4).toString('hex'),
  };
}

export function recordOf(job: ArchiveComplianceJob): ComplianceRecord {
  const { v: _, traceId: __, ...record } = job;
  return record;
}

/** The bytes of an entry; its digest is what the next one holds. */
export function sealEntry(entry: Omit<ComplianceEntry, 'keyId' | 'mac'>, key: ComplianceKey): Buffer {
  const { v, seq, previous, appendedAt, record } = entry;
  const unsealed = { v, seq, previous, appendedAt, record, keyId: key.id };
  const mac = macOf(unsealed, key);
  return Buffer.from(`${JSON.stringify({ ...unsealed, mac })}\n`);
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export type OpenedEntry =
  | { kind: 'valid'; entry: ComplianceEntry; digest: string }
  /** Readable, but sealed with a key that is not at hand: whether it was altered cannot be said. */
  | { kind: 'unknown-key'; entry: ComplianceEntry; digest: string }
  | { kind: 'altered' };

export function openEntry(bytes: Buffer, keys: readonly ComplianceKey[]): OpenedEntry {
  let raw: Record<string, unknown>;
  let entry: ComplianceEntry;
  try {
    raw = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
    entry = entrySchema.parse(raw);
  } catch {
    return { kind: 'altered' };
  }
  const digest = digestOf(bytes);
  const key = keys.find(({ id }) => id === entry.keyId);
  if (key === undefined) return { kind: 'unknown-key', entry, digest };
  // Not of the parsed form: a field that the schema does not know would go unnoticed.
  const { mac: _, ...unsealed } = raw;
  const isGenuine = timingSafeEqual(Buffer.from(entry.mac, 'hex'), Buffer.from(macOf(unsealed, key), 'hex'));
  return isGenuine ? { kind: 'valid', entry, digest } : { kind: 'altered' };
}

function macOf(unsealed: object, { key }: ComplianceKey): string {
  return createHmac('sha256', key).update(JSON.stringify(unsealed)).digest('hex');
}
