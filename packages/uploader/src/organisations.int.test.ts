import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchiveReader, Bucket, Manifests, verifyArchive } from '@trunkline/archive-store';
import { expect, test } from 'vitest';
import { TestArchive } from './uploader.fixture.ts';

test('two organisations share a bucket and the compliance chain, and no key of a window', async () => {
  await using archive = await TestArchive.open();
  const file = join(tmpdir(), `${archive.deployment}.yaml`);
  await writeFile(file, 'organisations: [{ id: one }, { id: two, archive: { keyPrefix: second/ } }]');
  try {
    await archive.start({ ORGANISATIONS_FILE: file });
    const batches = [['c-1', 'c-2'], ['c-3']];
    const windows = [
      await archive.addWindow('2026-11-21', batches, { organisation: 'one' }),
      await archive.addWindow('2026-11-21', batches, { organisation: 'two' }),
    ];
    for (const { job } of windows) await archive.completed(job);
    await archive.drained();

    const stored: Record<string, string[]> = {};
    for (const [organisation, keyPrefix] of [
      ['one', 'one/'],
      ['two', 'second/'],
    ] as const) {
      const bucket = new Bucket(archive.s3, { bucket: archive.bucketName, prefix: 'acme/', keyPrefix });
      const id = `BATCH_20261121.${organisation}`;
      const { manifest, key } = (await new Manifests(bucket).read(id)) ?? {};
      expect(manifest).toMatchObject({ window: { id, organisation }, counts: { conversations: 3 } });
      expect(key).toBe(`acme/${keyPrefix}manifests/dt=2026-11-21/${id}.json`);
      stored[organisation] = [...(manifest?.objects ?? []), manifest?.index].map(
        (object) => object?.key ?? '',
      );
      for (const one of stored[organisation]) expect(one.startsWith(`acme/${keyPrefix}`)).toBe(true);
      expect(await new ArchiveReader(bucket).get('c-3')).not.toBeNull();
      const days = { fromDay: '2026-11-01', toDay: '2026-11-30' };
      const request = { ...days, organisation, chain: archive.chain(), witness: null };
      expect((await verifyArchive(bucket, request)).findings).toEqual([]);
    }
    expect(stored['one']?.filter((key) => stored['two']?.includes(key))).toEqual([]);
    expect((await archive.records()).sort()).toEqual([
      'BATCH_20261121.one-SUCCESS',
      'BATCH_20261121.two-SUCCESS',
    ]);
    const told = archive.webhook.received.map(({ body }) => JSON.parse(body).audit.conversation_id).sort();
    expect(told).toEqual(['BATCH_20261121.one', 'BATCH_20261121.two']);
  } finally {
    await rm(file);
  }
});
