import { randomBytes } from 'node:crypto';
import { PutBucketVersioningCommand, PutObjectCommand, PutObjectLegalHoldCommand } from '@aws-sdk/client-s3';
import { type ArchiveComplianceJob, errorCodeOf } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import { ArchiveReader } from './archive-reader.ts';
import {
  archiveDay,
  conversation,
  successOf,
  type TestBucket,
  testBucket,
  windowOf,
} from './archive-store.fixture.ts';
import type { Bucket } from './bucket.ts';
import { ComplianceChain } from './compliance-chain.ts';
import { complianceKey } from './compliance-entry.ts';
import { eraseConversations } from './erasure.ts';
import type { ArchiveFormat } from './keys.ts';
import { Manifests } from './manifest.ts';
import { verifyArchive } from './verification.ts';
import { PlanWatermark } from './watermark.ts';

const key = complianceKey(randomBytes(32));

function chainOf(bucket: Bucket): ComplianceChain {
  return new ComplianceChain(bucket, [key]);
}

async function archived(...days: string[]): Promise<TestBucket> {
  const own = await testBucket();
  for (const day of days) await chainOf(own.bucket).append(successOf(await archiveDay(own.bucket, day, 5)));
  return own;
}

async function findings(
  { bucket }: TestBucket,
  witness: { seq: number; digest: string } | null = null,
): Promise<string[]> {
  const request = { fromDay: '2026-11-01', toDay: '2026-11-30', chain: chainOf(bucket), witness };
  return (await verifyArchive(bucket, request)).findings.map(({ kind }) => kind);
}

async function overwrite({ client, bucket }: TestBucket, at: string, body: string | Buffer): Promise<void> {
  await client.send(
    new PutObjectCommand({ Bucket: bucket.name, Key: at, Body: body, ServerSideEncryption: 'AES256' }),
  );
}

describe('the manifest of a window', () => {
  test('is created once: the second writer gets the first one’s', async () => {
    const { bucket } = await testBucket();
    const stored = await archiveDay(bucket, '2026-11-21', 2);
    const manifests = new Manifests(bucket);
    expect(await manifests.exists(windowOf('2026-11-21'))).toBe(true);
    expect(await manifests.exists(windowOf('2026-11-20'))).toBe(false);
    expect((await manifests.create(stored.manifest)).kind).toBe('created');
    const other = await manifests.create({ ...stored.manifest, flow: 'another' });
    expect(other).toEqual({ kind: 'exists', stored });
  });

  test('loses no change when many amend it at once', async () => {
    const { bucket } = await testBucket();
    await archiveDay(bucket, '2026-11-21', 2);
    const manifests = new Manifests(bucket);
    await Promise.all(
      Array.from({ length: 5 }, () =>
        manifests.amend('BATCH_20261121', (manifest) => ({
          ...manifest,
          counts: { ...manifest.counts, deadLettered: manifest.counts.deadLettered + 1 },
        })),
      ),
    );
    const { manifest } = (await manifests.read('BATCH_20261121')) ?? {};
    expect(manifest?.counts.deadLettered).toBe(5);
    expect(manifest?.revision).toBe(6);
  });

  test('is listed by the days of a range', async () => {
    const { bucket } = await testBucket();
    for (const day of ['2026-11-19', '2026-11-20', '2026-11-21']) await archiveDay(bucket, day, 1);
    const ids: string[] = [];
    for await (const id of new Manifests(bucket).list({ fromDay: '2026-11-20', toDay: '2026-11-20' }))
      ids.push(id);
    expect(ids).toEqual(['BATCH_20261120']);
  });

  test('that is none is an error that names it', async () => {
    const own = await testBucket();
    await overwrite(own, own.bucket.keys.manifest('BATCH_20261121'), '{"v":1}');
    const read = new Manifests(own.bucket).read('BATCH_20261121');
    await expect(read).rejects.toMatchObject({ code: 'ARCHIVE_MANIFEST_UNREADABLE' });
  });
});

test('the watermark only moves on, whoever moves it', async () => {
  const { bucket } = await testBucket();
  const days = ['2026-11-19', '2026-11-22', '2026-11-20', '2026-11-21'].map(windowOf);
  await Promise.all(
    days.map((window) => new PlanWatermark(bucket, ['voice', 'chat']).advance(window, new Date())),
  );
  expect((await new PlanWatermark(bucket, ['chat', 'voice']).read())?.to).toBe('2026-11-23T00:00:00.000Z');
  expect(await new PlanWatermark(bucket, ['voice']).read()).toBeNull();
});

describe('a conversation', () => {
  test.each<ArchiveFormat>(['gzip', 'zstd', 'plain'])(
    'is read back by its id and found by a token (%s)',
    async (format) => {
      const { bucket } = await testBucket();
      await archiveDay(bucket, '2026-11-20', 5, format);
      await archiveDay(bucket, '2026-11-21', 5, format);
      const reader = new ArchiveReader(bucket);
      const wanted = conversation(21_003);
      expect((await reader.get(wanted.id))?.text).toBe(wanted.text);
      expect(await reader.get('c-unknown')).toBeNull();
      const found: string[] = [];
      for await (const { conversationId, windowId } of reader.find(wanted.token))
        found.push(`${windowId} ${conversationId}`);
      expect(found).toEqual(['BATCH_20261121 c-21003']);
    },
  );

  test('of an object or an index that was altered is not handed out', async () => {
    const own = await testBucket();
    const { manifest } = await archiveDay(own.bucket, '2026-11-21', 5);
    const reader = new ArchiveReader(own.bucket);
    await overwrite(own, manifest.objects[1]?.key ?? '', Buffer.from('no gzip'));
    expect((await reader.get('c-21000'))?.text).toBe(conversation(21_000).text);
    expect(await reader.get('c-21003').catch(errorCodeOf)).toBe('ARCHIVE_OBJECT_ALTERED');
    await overwrite(own, manifest.index?.key ?? '', 'no gzip');
    expect(await reader.get('c-21000').catch(errorCodeOf)).toBe('ARCHIVE_OBJECT_ALTERED');
  });
});

describe('verification', () => {
  test('finds nothing where everything holds', async () => {
    const own = await archived('2026-11-20', '2026-11-21');
    expect(await findings(own)).toEqual([]);
  });

  test('finds what was altered, deleted, added, or is not on record', async () => {
    const own = await archived('2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23');
    const { bucket } = own;
    const manifests = new Manifests(bucket);
    const [, second, third] = (await manifests.read('BATCH_20261120'))?.manifest.objects ?? [];
    await overwrite(own, second?.key ?? '', Buffer.from('no gzip'));
    expect(await findings(own)).toEqual(['object-altered']);
    await bucket.delete(third?.key ?? '');
    expect(await findings(own)).toEqual(['object-altered', 'object-altered']);
    await overwrite(own, bucket.keys.batch('BATCH_20261121', 'b00009', '0'.repeat(64), 1, 'gzip'), 'x');
    expect(await findings(own)).toEqual(['object-altered', 'object-altered', 'object-unnamed']);
    await manifests.amend('BATCH_20261122', (manifest) => ({ ...manifest, flow: 'another' }));
    await bucket.delete(bucket.keys.manifest('BATCH_20261123'));
    await archiveDay(bucket, '2026-11-24', 3);
    expect((await findings(own)).sort()).toEqual([
      'manifest-missing',
      'manifest-not-on-record',
      'manifest-not-on-record',
      'object-altered',
      'object-altered',
      'object-unnamed',
    ]);
  });

  test('finds entries of the chain that were altered, taken out, or cut off its end', async () => {
    const own = await archived('2026-11-20', '2026-11-21', '2026-11-22');
    const { bucket, client } = own;
    const raw = async (seq: number): Promise<Buffer> =>
      (await bucket.getSmall(bucket.keys.compliance(seq), 100_000))?.bytes ?? Buffer.alloc(0);
    const [second, third] = [await raw(2), await raw(3)];
    await overwrite(own, bucket.keys.compliance(2), second.toString().replace('SUCCESS"', 'FAILURE"'));
    expect(await findings(own)).toContain('chain-altered');
    await bucket.delete(bucket.keys.compliance(2));
    expect(await findings(own)).toContain('chain-gap');
    await overwrite(own, bucket.keys.compliance(2), second);
    await bucket.delete(bucket.keys.compliance(3));
    expect(await findings(own)).toContain('chain-cut');
    await bucket.delete(bucket.keys.complianceHead);
    await bucket.delete(bucket.keys.manifest('BATCH_20261122'));
    expect(await findings(own)).toEqual([]); // what cannot be proven without a witness
    expect(await findings(own, { seq: 3, digest: 'd' })).toEqual(['chain-cut']);
    await overwrite(own, bucket.keys.compliance(3), third.toString().replace(/"seq":3/, '"seq":4'));
    expect(await findings(own)).toContain('chain-altered');
    void client;
  });

  test('says that it cannot judge entries of a key that is not at hand', async () => {
    const { bucket } = await archived('2026-11-20');
    const chain = new ComplianceChain(bucket, [complianceKey(randomBytes(32))]);
    const report = await verifyArchive(bucket, {
      fromDay: '2026-11-01',
      toDay: '2026-11-30',
      chain,
      witness: null,
    });
    expect(report.findings).toEqual([]);
    expect(report.limits.join()).toMatch(/1 entries .* another TOKENIZATION_KEY/);
  });
});

describe('the compliance chain', () => {
  const job = (recordId: string): ArchiveComplianceJob => ({
    v: 1,
    recordId,
    timestamp: '2026-11-22T03:00:00.000Z',
    action: 'ARCHIVE_OFFLOAD',
    conversationId: 'BATCH_20261121',
    status: 'FAILURE',
    checksum: null,
    errorCode: 'ARCHIVE_DIGEST_MISMATCH',
    details: { attempt: 1 },
    traceId: 'trace',
  });
  async function recordIds(bucket: Bucket): Promise<string[]> {
    const ids: string[] = [];
    for await (const { opened } of chainOf(bucket).read())
      ids.push(opened.kind === 'valid' ? opened.entry.record.recordId : opened.kind);
    return ids;
  }

  test('holds each record once, whatever number of writers append it at once', async () => {
    const own = await testBucket();
    const ids = Array.from({ length: 6 }, (_, n) => `record-${n}`);
    const writers = Array.from({ length: 3 }, () => chainOf(own.bucket));
    await Promise.all(
      writers.map(async (chain, turn) => {
        for (const id of [...ids.slice(turn * 2), ...ids.slice(0, turn * 2)]) await chain.append(job(id));
      }),
    );
    expect((await recordIds(own.bucket)).sort()).toEqual(ids);
    expect(await findings(own)).toEqual([]);
  });

  test('knows a record again that a writer appended before it was killed', async () => {
    const own = await testBucket();
    const { bucket } = own;
    await chainOf(bucket).append(job('first'));
    await chainOf(bucket).append(job('second'));
    // As a writer leaves it that dies behind its write: the entry stands, receipt and head do not.
    await bucket.delete(bucket.keys.complianceReceipt('second'));
    await bucket.delete(bucket.keys.complianceHead);
    expect(await chainOf(bucket).append(job('second'))).toEqual({ kind: 'present', seq: 2 });
    expect(await chainOf(bucket).append(job('third'))).toEqual({ kind: 'appended', seq: 3 });
    expect(await recordIds(bucket)).toEqual(['first', 'second', 'third']);
    expect(await findings(own)).toEqual([]);
  });

  test('does not go on behind something that is no entry', async () => {
    const own = await testBucket();
    await overwrite(own, own.bucket.keys.compliance(1), 'not ours');
    expect(await chainOf(own.bucket).append(job('first')).catch(errorCodeOf)).toBe('COMPLIANCE_CHAIN_BROKEN');
  });
});

describe('erasure', () => {
  const request = (records: ArchiveComplianceJob[], ...conversationIds: string[]) => ({
    conversationIds,
    reason: 'ticket 17',
    by: 'ada@desk',
    at: new Date('2026-11-25T10:00:00Z'),
    traceId: 'trace',
    record: async (job: ArchiveComplianceJob) => {
      records.push(job);
    },
  });
  async function leftOf({ bucket }: TestBucket, id: string): Promise<string[]> {
    const left: string[] = [];
    for await (const { key: at } of bucket.list(bucket.keys.archives(null))) {
      for await (const { versionId } of bucket.versions(at)) left.push(`${at} ${versionId}`);
    }
    expect(await new ArchiveReader(bucket).get(id)).toBeNull();
    return left;
  }

  test('takes conversations out of objects, versions, index and manifest, keeps the others, and is on record', async () => {
    const own = await testBucket();
    await own.client.send(
      new PutBucketVersioningCommand({
        Bucket: own.bucket.name,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    const incomplete = await archiveDay(own.bucket, '2026-11-21', 5, 'gzip', 2);
    expect(incomplete.manifest.counts.missingTexts).toBe(2);
    await chainOf(own.bucket).append(successOf(incomplete));
    const records: ArchiveComplianceJob[] = [];
    const outcome = await eraseConversations(own.bucket, request(records, 'c-21000', 'c-21004', 'c-none'));
    expect(outcome).toEqual({
      erased: [
        { conversationId: 'c-21000', windowId: 'BATCH_20261121' },
        { conversationId: 'c-21004', windowId: 'BATCH_20261121' },
      ],
      locked: [],
      notFound: ['c-none'],
    });
    expect(await leftOf(own, 'c-21000')).toHaveLength(2);
    for (const number of [21_001, 21_002, 21_003]) {
      const { id, text } = conversation(number);
      expect((await new ArchiveReader(own.bucket).get(id))?.text).toBe(text);
    }
    for (const record of records) await chainOf(own.bucket).append(record);
    expect(records.map(({ status, conversationId }) => `${status} ${conversationId}`)).toEqual([
      'SUCCESS c-21000',
      'SUCCESS c-21004',
    ]);
    expect(await findings(own)).toEqual([]);
    expect((await new Manifests(own.bucket).read('BATCH_20261121'))?.manifest.counts).toEqual({
      conversations: 3,
      deadLettered: 0,
      erased: 2,
      missingTexts: 0,
    });
  });

  test('is finished by a second call where the first one died, and is one record', async () => {
    const own = await archived('2026-11-21');
    const before = (await new Manifests(own.bucket).read('BATCH_20261121'))?.manifest.objects[0]?.key ?? '';
    const dies = { ...request([], 'c-21000'), record: () => Promise.reject(new Error('killed')) };
    await expect(eraseConversations(own.bucket, dies)).rejects.toThrow('killed');
    await overwrite(own, before, 'still there');
    expect(await findings(own)).toContain('erased-object-stands');
    const records: ArchiveComplianceJob[] = [];
    for (let again = 0; again < 2; again++) await eraseConversations(own.bucket, request(records, 'c-21000'));
    for (const record of records) await chainOf(own.bucket).append(record);
    expect(new Set(records.map(({ recordId }) => recordId)).size).toBe(1);
    expect(await findings(own)).toEqual([]);
  });

  test('of a whole window leaves an empty one', async () => {
    const own = await archived('2026-11-21');
    const ids = [0, 1, 2, 3, 4].map((n) => `c-${21_000 + n}`);
    await eraseConversations(own.bucket, request([], ...ids));
    expect(await leftOf(own, 'c-21002')).toEqual([]);
    expect((await new Manifests(own.bucket).read('BATCH_20261121'))?.manifest.index).toBeNull();
  });

  test('changes nothing that a legal hold keeps, and that is on record', async () => {
    const own = await testBucket({ lock: true });
    const { manifest } = await archiveDay(own.bucket, '2026-11-21', 5);
    const held = manifest.objects[0]?.key ?? '';
    const hold = { Bucket: own.bucket.name, Key: held };
    await own.client.send(new PutObjectLegalHoldCommand({ ...hold, LegalHold: { Status: 'ON' } }));
    const records: ArchiveComplianceJob[] = [];
    const outcome = await eraseConversations(own.bucket, request(records, 'c-21000'));
    expect(outcome.locked.map(({ error }) => error.code)).toEqual(['ARCHIVE_OBJECT_LOCKED']);
    expect(records.map(({ status, errorCode }) => [status, errorCode])).toEqual([
      ['FAILURE', 'ARCHIVE_OBJECT_LOCKED'],
    ]);
    expect((await new ArchiveReader(own.bucket).get('c-21000'))?.text).toBe(conversation(21_000).text);
    await own.client.send(new PutObjectLegalHoldCommand({ ...hold, LegalHold: { Status: 'OFF' } }));
    expect((await eraseConversations(own.bucket, request(records, 'c-21000'))).erased).toHaveLength(1);
  });

  test('reaches what a lock kept of a window that was fetched once more, when the lock lets it', async () => {
    const own = await testBucket({ lock: true });
    const { manifest } = await archiveDay(own.bucket, '2026-11-21', 5);
    const superseded = own.bucket.keys.batch(manifest.window.id, 'b00001', 'e'.repeat(64), 1, 'gzip');
    await overwrite(own, superseded, 'what it was archived as before');
    const hold = { Bucket: own.bucket.name, Key: superseded };
    await own.client.send(new PutObjectLegalHoldCommand({ ...hold, LegalHold: { Status: 'ON' } }));
    const again = { at: '2026-11-24T10:00:00.000Z', by: 'ada@desk', reason: 'a transcript is there' };
    const { manifest: amended, key: at } = await new Manifests(own.bucket).amend(
      manifest.window.id,
      (before) => ({
        ...before,
        replacements: [{ ...again, flow: 'before', missingTexts: 1, replaced: [superseded] }],
      }),
    );
    expect([at, amended.revision]).toEqual([own.bucket.keys.manifest(manifest.window.id), 2]);
    expect(await findings(own)).not.toContain('object-unnamed');
    expect((await eraseConversations(own.bucket, request([], 'c-21000'))).locked).toHaveLength(1);
    await own.client.send(new PutObjectLegalHoldCommand({ ...hold, LegalHold: { Status: 'OFF' } }));
    expect((await eraseConversations(own.bucket, request([], 'c-21000'))).erased).toHaveLength(1);
    expect((await leftOf(own, 'c-21000')).filter((left) => left.startsWith(superseded))).toEqual([]);
  });
});
