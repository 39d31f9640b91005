/**
 * The compliance chain: one object a record, each holding the digest of the one before and an HMAC.
 *
 * Promises: a record stands in it once, however often and by how many writers it is appended; the numbers have no gap; nobody
 * without the key can alter or insert an entry, or take one out of the middle, unnoticed.
 *
 * Append is a compare-and-set: entry n+1 is written with If-None-Match. Which records stand in the chain is told by receipts
 * (`state/compliance-receipts/`), written after the entry; the head (`state/compliance-head.json`) says up to which entry all
 * have receipts. A writer that finds entries behind the head (a crash, another writer) gives each its receipt before it goes on, so
 * that it meets its own record there if it stands there.
 */
import { type ArchiveComplianceJob, TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import type { Bucket } from './bucket.ts';
import {
  type ComplianceEntry,
  type ComplianceKey,
  digestOf,
  type OpenedEntry,
  openEntry,
  recordOf,
  sealEntry,
} from './compliance-entry.ts';
import { jsonBytes, readSmall, writeSmall } from './small-object.ts';

const maxEntryBytes = 1024 * 1024;

const headSchema = z.object({ v: z.literal(1), seq: z.number().int().positive(), digest: z.string() });
const receiptSchema = z.object({ v: z.literal(1), seq: z.number().int().positive() });

export interface ChainPlace {
  seq: number;
  /** SHA-256 of the entry's bytes, in hex. */
  digest: string;
}

export interface ReadEntry {
  seq: number;
  key: string;
  opened: OpenedEntry;
}

export class ComplianceChain {
  readonly #bucket: Bucket;
  readonly #keys: readonly ComplianceKey[];
  readonly #now: () => Date;
  /** Up to here every entry has its receipt; `null`: not asked yet. */
  #head: ChainPlace | { seq: 0; digest: null } | null = null;

  /** @param keys the first seals, all verify (key rotation); see `complianceKey` */
  constructor(
    bucket: Bucket,
    keys: readonly [ComplianceKey, ...ComplianceKey[]],
    now: () => Date = () => new Date(),
  ) {
    this.#bucket = bucket;
    this.#keys = keys;
    this.#now = now;
  }

  /**
   * Appends a record, or finds that it stands there.
   * @throws TrunklineError COMPLIANCE_CHAIN_BROKEN where the entry behind the head is none; an S3_ code
   */
  async append(
    job: ArchiveComplianceJob,
    signal?: AbortSignal,
  ): Promise<{ kind: 'appended' | 'present'; seq: number }> {
    // The head first: a receipt that is written between the two questions must not be missed.
    let head = this.#head ?? (await this.#readHead(signal));
    const receipt = await this.#receipt(job.recordId, signal);
    if (receipt !== null) return { kind: 'present', seq: receipt };
    for (;;) {
      const seq = head.seq + 1;
      const bytes = sealEntry(
        {
          v: 1,
          seq,
          previous: head.digest,
          appendedAt: this.#now().toISOString(),
          record: recordOf(job),
        },
        this.#keys[0] as ComplianceKey,
      );
      const key = this.#bucket.keys.compliance(seq);
      const written = await writeSmall(this.#bucket, key, bytes, 'absent', signal);
      if (written === 'stored') {
        await this.#acknowledge(job.recordId, { seq, digest: digestOf(bytes) }, signal);
        return { kind: 'appended', seq };
      }
      const found = await this.#entryAt(seq, signal);
      head = { seq, digest: found.digest };
      await this.#acknowledge(found.entry.record.recordId, head, signal);
      if (found.entry.record.recordId === job.recordId) return { kind: 'present', seq };
    }
  }

  /** The entries from a number on, in order, as far as they go; a missing number is passed over. */
  async *read(fromSeq = 1, signal?: AbortSignal): AsyncGenerator<ReadEntry> {
    const { keys } = this.#bucket;
    const startAfter = fromSeq <= 1 ? undefined : keys.compliance(fromSeq - 1);
    for await (const { key } of this.#bucket.list(keys.complianceRecords, startAfter, signal)) {
      const digits = /(\d{12})\.json$/.exec(key)?.[1];
      if (digits === undefined) continue;
      const found = await readSmall(this.#bucket, key, maxEntryBytes, signal);
      const opened: OpenedEntry = found === null ? { kind: 'altered' } : openEntry(found.bytes, this.#keys);
      yield { seq: Number(digits), key, opened };
    }
  }

  /** What the head says, as a hint that is not sealed; `null`: nothing was ever appended, or it is gone. */
  async head(signal?: AbortSignal): Promise<ChainPlace | null> {
    const found = await readSmall(this.#bucket, this.#bucket.keys.complianceHead, maxEntryBytes, signal);
    const parsed = found === null ? null : headSchema.safeParse(safeJson(found.bytes));
    return parsed?.success ? { seq: parsed.data.seq, digest: parsed.data.digest } : null;
  }

  async #readHead(signal: AbortSignal | undefined): Promise<ChainPlace | { seq: 0; digest: null }> {
    const head = (await this.head(signal)) ?? { seq: 0 as const, digest: null };
    this.#head = head as ChainPlace;
    return head as ChainPlace;
  }

  /** Whether a record stands in the chain and its writer has said so. @throws TrunklineError with an S3_ code */
  async has(recordId: string, signal?: AbortSignal): Promise<boolean> {
    return (await this.#receipt(recordId, signal)) !== null;
  }

  async #receipt(recordId: string, signal: AbortSignal | undefined): Promise<number | null> {
    const key = this.#bucket.keys.complianceReceipt(recordId);
    const found = await readSmall(this.#bucket, key, maxEntryBytes, signal);
    const parsed = found === null ? null : receiptSchema.safeParse(safeJson(found.bytes));
    return parsed?.success ? parsed.data.seq : null;
  }

  async #acknowledge(recordId: string, at: ChainPlace, signal: AbortSignal | undefined): Promise<void> {
    const { keys } = this.#bucket;
    const receipt = jsonBytes({ v: 1, seq: at.seq });
    await writeSmall(this.#bucket, keys.complianceReceipt(recordId), receipt, 'absent', signal);
    for (;;) {
      const found = await readSmall(this.#bucket, keys.complianceHead, maxEntryBytes, signal);
      const stands = found === null ? null : headSchema.safeParse(safeJson(found.bytes));
      if (stands?.success && stands.data.seq >= at.seq) break;
      const condition = found === null ? 'absent' : { etag: found.etag };
      const head = jsonBytes({ v: 1, seq: at.seq, digest: at.digest });
      if ((await writeSmall(this.#bucket, keys.complianceHead, head, condition, signal)) === 'stored') break;
    }
    this.#head = at;
  }

  async #entryAt(
    seq: number,
    signal: AbortSignal | undefined,
  ): Promise<{ entry: ComplianceEntry; digest: string }> {
    const key = this.#bucket.keys.compliance(seq);
    const found = await readSmall(this.#bucket, key, maxEntryBytes, signal);
    const opened = found === null ? null : openEntry(found.bytes, this.#keys);
    if (opened === null || opened.kind === 'altered') {
      throw new TrunklineError('COMPLIANCE_CHAIN_BROKEN', {
        message: `${key} in ${this.#bucket.name} is no entry of the compliance chain.`,
        remedy:
          'Restore it from its version history; if something else wrote it, keep a copy for the auditor and remove it. Then retry.',
      });
    }
    return { entry: opened.entry, digest: opened.digest };
  }
}

function safeJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
