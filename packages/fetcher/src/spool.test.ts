import { appendFileSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditBatchJob } from '@trunkline/contracts';
import { errorCodeOf } from '@trunkline/contracts';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Spool } from './spool.ts';
import { readRecord, writeRecord } from './spool-record.ts';

const job = (seq: number): AuditBatchJob => ({
  v: 1,
  kind: 'batch',
  stream: 's',
  epoch: 'e',
  seq,
  payloadKey: `p:${seq}`,
  eventCount: 1,
  payloadBytes: 7,
  fetchedAt: '2026-11-22T10:00:00.000Z',
  traceId: 't',
});
const record = (seq: number, bytes = 10) => ({
  jobId: `s-e-${seq}-abc`,
  job: job(seq),
  sealed: Buffer.alloc(bytes, seq),
});

let folder: string;
let spool: Spool;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
  spool = new Spool(folder, { maxBytes: 10_000, maxDiskPercent: 100 });
  await spool.open();
});

async function drain(from: Spool): Promise<number[]> {
  const seqs: number[] = [];
  for (const name of await from.oldest(1_000)) {
    const read = await from.read(name);
    if (typeof read === 'object') seqs.push(read.job.seq);
    await from.remove(name);
  }
  return seqs;
}

describe('a spool record', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (sealed) => {
        const written = { jobId: 'j', job: job(1), sealed: Buffer.from(sealed) };
        expect(readRecord(writeRecord(written))).toEqual(written);
      }),
    );
  });

  it('does not read when it is torn or altered anywhere', () => {
    const bytes = writeRecord(record(1));
    for (let at = 0; at < bytes.length; at++) {
      expect(readRecord(bytes.subarray(0, at))).toBeNull();
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      expect(readRecord(altered)).toBeNull();
    }
  });
});

describe('Spool', () => {
  it('gives batches back in order, also to the next process', async () => {
    for (const seq of [1, 2, 3]) await spool.append(record(seq));
    const restarted = new Spool(folder, { maxBytes: 10_000, maxDiskPercent: 100 });
    expect(await restarted.size()).toMatchObject({ batches: 3 });
    expect(await restarted.jobIds()).toEqual(new Set(['s-e-1-abc', 's-e-2-abc', 's-e-3-abc']));
    expect(await drain(restarted)).toEqual([1, 2, 3]);
    expect(await restarted.size()).toEqual({ batches: 0, bytes: 0 });
  });

  it('leaves no half-written file, and does not take one for a batch', async () => {
    await spool.append(record(1));
    writeFileSync(join(folder, '000-000-x.batch.part'), 'half');
    expect(readdirSync(folder).filter((name) => name.endsWith('.batch')).length).toBe(1);
    expect(await spool.jobIds()).toEqual(new Set(['s-e-1-abc']));
  });

  it('sets aside what a power cut tore; its batch then counts as missing', async () => {
    await spool.append(record(1));
    await spool.append(record(2));
    const [first] = await spool.oldest(1);
    truncateSync(join(folder, first ?? ''), 40);
    expect(await spool.read(first ?? '')).toBe('unreadable');
    await spool.setAside(first ?? '');
    expect(await spool.jobIds()).toEqual(new Set(['s-e-2-abc']));
    expect(readdirSync(folder).some((name) => name.endsWith('.unreadable'))).toBe(true);
  });

  it('does not mind that another fetcher took a file', async () => {
    await spool.append(record(1));
    const [name] = await spool.oldest(1);
    await new Spool(folder, { maxBytes: 1, maxDiskPercent: 100 }).remove(name ?? '');
    expect(await spool.read(name ?? '')).toBe('gone');
    await spool.remove(name ?? '');
  });

  it('is full at its bound, and when the disk is', async () => {
    expect(await spool.isFull()).toBe(false);
    await spool.append(record(1, 10_000));
    expect(await spool.isFull()).toBe(true);
    const onFullDisk = new Spool(mkdtempSync(join(tmpdir(), 'spool-')), { maxBytes: 1e9, maxDiskPercent: 0 });
    expect(await onFullDisk.isFull()).toBe(true);
  });

  it('keeps nothing that a reader of the disk could use', async () => {
    await spool.append(record(1));
    const [name] = await spool.oldest(1);
    appendFileSync(join(folder, name ?? ''), '');
    const text = readFileSync(join(folder, name ?? ''), 'latin1');
    expect(JSON.parse(/\{.*\}/.exec(text)?.[0] ?? '')).toEqual({ jobId: 's-e-1-abc', job: job(1) });
  });

  it('says which setting names a folder that cannot be written to', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const code = await new Spool(join(file, 'below'), { maxBytes: 1, maxDiskPercent: 1 })
      .open()
      .catch(errorCodeOf);
    expect(code).toBe('CONFIG_INVALID');
  });
});
