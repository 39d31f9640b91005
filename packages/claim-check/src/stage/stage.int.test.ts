/** What every stage promises, held against both drivers and both kinds of keys. */
import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMS } from '@aws-crypto/client-node';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { errorCodeOf, type StagedBlob } from '@trunkline/contracts';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { gathered } from './gathered.fixture.ts';
import { openStage } from './open-stage.ts';
import { type Stage, stageChunkBytes, stageChunkName } from './stage.ts';

const key = randomBytes(32);
const window = 'windows/BATCH_20261121';

/** The raw parts, as somebody with access to the disk or the bucket has them. */
interface Raw {
  url: string;
  client: S3Client | null;
  bytes: (name: string) => Promise<Buffer>;
  replace: (name: string, bytes: Buffer) => Promise<void>;
  move: (from: string, to: string) => Promise<void>;
  all: () => Promise<Buffer>;
}

let folder: string;
let s3: S3Client;
const bucket = `stage-${randomBytes(8).toString('hex')}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stage-'));
  const { endpoint, region, accessKeyId, secretAccessKey } = inject('s3');
  const credentials = { accessKeyId, secretAccessKey };
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  process.env['AWS_ENDPOINT_URL_KMS'] = endpoint;
  process.env['AWS_ACCESS_KEY_ID'] = accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = secretAccessKey;
});
afterAll(async () => {
  s3.destroy();
  await rm(folder, { recursive: true });
});

async function inFolder(): Promise<Raw> {
  const own = await mkdtemp(join(folder, 'own-'));
  const path = (name: string): string => join(own, `${name},sealed`);
  return {
    url: `file://${own}`,
    client: null,
    bytes: (name) => readFile(path(name)),
    replace: (name, bytes) => writeFile(path(name), bytes),
    move: (from, to) => rename(path(from), path(to)),
    all: async () => {
      const files = await readdir(own, { recursive: true, withFileTypes: true });
      const contents = files.map((file) =>
        file.isFile() ? readFile(join(file.parentPath, file.name)) : Buffer.from(file.name),
      );
      return Buffer.concat(await Promise.all(contents));
    },
  };
}

async function inBucket(): Promise<Raw> {
  const prefix = `stage/${randomBytes(6).toString('hex')}`;
  const at = (name: string) => ({ Bucket: bucket, Key: `${prefix}/${name}` });
  const bytes = async (Key: string): Promise<Buffer> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  return {
    url: `s3://${bucket}/${prefix}`,
    client: s3,
    bytes: (name) => bytes(at(name).Key),
    replace: async (name, content) => {
      await s3.send(new PutObjectCommand({ ...at(name), Body: content }));
    },
    move: async (from, to) => {
      await s3.send(new CopyObjectCommand({ ...at(to), CopySource: `${bucket}/${at(from).Key}` }));
    },
    all: async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
      return Buffer.concat(await Promise.all(Contents.map(({ Key = '' }) => bytes(Key))));
    },
  };
}

async function* pieces(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}

async function contentOf(stage: Stage, blob: StagedBlob): Promise<Buffer> {
  return Buffer.concat(await gathered(stage.read(blob)));
}

async function codeOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => 'nothing thrown',
    (error: unknown) => errorCodeOf(error) ?? String(error),
  );
}

async function namesOf(stage: Stage, prefix: string): Promise<string[]> {
  return (await gathered(stage.list(prefix))).map(({ name }) => name);
}

describe.each([
  ['a folder', inFolder],
  ['a bucket', inBucket],
])('a stage in %s', (_, place) => {
  const opened = async (): Promise<{ raw: Raw; stage: Stage }> => {
    const raw = await place();
    return { raw, stage: openStage({ url: raw.url }, [key], raw.client) };
  };

  it('gives back what was written, in chunks, and says its digest', async () => {
    const { stage } = await opened();
    const first = randomBytes(stageChunkBytes - 3);
    const blob = await stage.write(`${window}/a/b00001`, pieces(first, 'Jane Doe', first));
    const whole = Buffer.concat([first, Buffer.from('Jane Doe'), first]);
    expect(blob).toEqual({
      name: `${window}/a/b00001`,
      chunks: 3,
      bytes: whole.length,
      sha256: createHash('sha256').update(whole).digest('hex'),
    });
    const chunks = await gathered(stage.read(blob));
    expect(chunks.map(({ length }) => length)).toEqual([
      stageChunkBytes,
      stageChunkBytes,
      whole.length - 2 * stageChunkBytes,
    ]);
    expect(Buffer.concat(chunks).equals(whole)).toBe(true);
    expect(await stage.has(blob)).toBe(true);
    expect(await stage.has({ ...blob, chunks: 4 })).toBe(false);
  });

  it('keeps a blob of nothing', async () => {
    const { stage } = await opened();
    const blob = await stage.write(`${window}/empty`, pieces());
    expect(blob).toMatchObject({ chunks: 0, bytes: 0 });
    expect(await contentOf(stage, blob)).toEqual(Buffer.alloc(0));
    expect(await codeOf(contentOf(stage, { ...blob, bytes: 1 }))).toBe('STAGE_BLOB_UNREADABLE');
  });

  it('never overwrites: the same content is a blob written again, other content is refused', async () => {
    const { stage } = await opened();
    const blob = await stage.write(`${window}/once`, pieces('one'));
    expect(await stage.write(`${window}/once`, pieces('o', 'ne'))).toEqual(blob);
    expect(await codeOf(stage.write(`${window}/once`, pieces('two')))).toBe('STAGE_BLOB_UNREADABLE');
    expect((await contentOf(stage, blob)).toString()).toBe('one');
    expect(await stage.putNote('completed/w', { by: 1 })).toBe('written');
    expect(await stage.putNote('completed/w', { by: 2 })).toBe('exists');
    expect(await stage.getNote('completed/w')).toEqual({ by: 1 });
    expect(await stage.getNote('completed/v')).toBeNull();
  });

  it('lets one of many writers win', async () => {
    const { stage } = await opened();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_value, writer) =>
        stage.putChunk(`${window}/race`, Buffer.from(`writer ${writer}`)),
      ),
    );
    const winner = answers.indexOf('written');
    expect(answers.filter((answer) => answer === 'written')).toHaveLength(1);
    expect((await stage.getChunk(`${window}/race`))?.toString()).toBe(`writer ${winner}`);
  });

  it('leaves nothing readable', async () => {
    const { raw, stage } = await opened();
    await stage.write(`${window}/secret`, pieces('Jane Doe +14155552671 '.repeat(1_000)));
    await stage.putNote(`${window}/note`, { name: 'Jane Doe' });
    const all = await raw.all();
    expect(all.length).toBeGreaterThan(20_000);
    expect(all.includes('Jane')).toBe(false);
    expect(all.includes('4155552671')).toBe(false);
  });

  it('refuses a flipped bit anywhere, and a cut anywhere, and names the blob', async () => {
    const { raw, stage } = await opened();
    const blob = await stage.write(`${window}/flip`, pieces('payload'));
    const name = stageChunkName(blob.name, 0);
    const sealed = await raw.bytes(name);
    for (let at = 0; at < sealed.length; at += 5) {
      const flipped = Buffer.from(sealed);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      await raw.replace(name, flipped);
      expect(await codeOf(contentOf(stage, blob))).toBe('STAGE_BLOB_UNREADABLE');
    }
    for (const at of [0, 1, 13, 14, 100, sealed.length - 1]) {
      await raw.replace(name, sealed.subarray(0, at));
      expect(await codeOf(contentOf(stage, blob))).toBe('STAGE_BLOB_UNREADABLE');
    }
    await expect(contentOf(stage, blob)).rejects.toThrow(blob.name);
    await raw.replace(name, sealed);
    expect((await contentOf(stage, blob)).toString()).toBe('payload');
  });

  it('refuses a part under another name, of the same window or of another', async () => {
    const { raw, stage } = await opened();
    for (const to of [`${window}/b`, 'windows/BATCH_20261122/a']) {
      await stage.putChunk(`${window}/a`, Buffer.from('a'));
      await stage.putChunk(to, Buffer.from('b'));
      await raw.move(`${window}/a`, to);
      expect(await codeOf(stage.getChunk(to))).toBe('STAGE_BLOB_UNREADABLE');
    }
  });

  it('refuses chunks that are sound but not those of the reference', async () => {
    const { stage } = await opened();
    const blob = await stage.write(`${window}/ref`, pieces('payload'));
    expect(await codeOf(contentOf(stage, { ...blob, sha256: '0'.repeat(64) }))).toBe('STAGE_BLOB_UNREADABLE');
    expect(await codeOf(contentOf(stage, { ...blob, chunks: 2 }))).toBe('STAGE_BLOB_MISSING');
    expect(await codeOf(contentOf(stage, { ...blob, name: `${window}/other` }))).toBe('STAGE_BLOB_MISSING');
  });

  it('rotates keys: the first seals, all open, and one that is not there is named as missing', async () => {
    const { raw, stage } = await opened();
    const old = await stage.write(`${window}/old`, pieces('old'));
    const rotated = openStage({ url: raw.url }, [randomBytes(32), key], raw.client);
    expect((await contentOf(rotated, old)).toString()).toBe('old');
    const fresh = await rotated.write(`${window}/fresh`, pieces('fresh'));
    expect((await contentOf(rotated, fresh)).toString()).toBe('fresh');
    expect(await codeOf(contentOf(stage, fresh))).toBe('PAYLOAD_KEY_UNKNOWN');
  });

  it('seals with a key of KMS, and opens what PAYLOAD_KEY sealed before', async () => {
    const { raw, stage } = await opened();
    const old = await stage.write(`${window}/old`, pieces('old'));
    const kms = new KMS({ region: 'us-east-1' });
    const { KeyMetadata } = await kms.createKey({});
    const kmsKeyArn = KeyMetadata?.Arn ?? '';
    const sealed = openStage({ url: raw.url, kmsKeyArn }, [key], raw.client);
    expect((await contentOf(sealed, old)).toString()).toBe('old');
    const fresh = await sealed.write(`${window}/fresh`, pieces(randomBytes(100), 'Jane'));
    const another = openStage({ url: raw.url, kmsKeyArn }, [], raw.client);
    expect((await contentOf(another, fresh)).subarray(-4).toString()).toBe('Jane');
    expect((await raw.all()).includes('Jane')).toBe(false);
    expect(await codeOf(contentOf(stage, fresh))).toBe('PAYLOAD_KEY_UNKNOWN');
    kms.destroy();
    const unknown = kmsKeyArn.replace(/[^/]+$/, '00000000-0000-0000-0000-000000000000');
    const refused = openStage({ url: raw.url, kmsKeyArn: unknown }, [], raw.client);
    await expect(refused.putChunk(`${window}/refused`, Buffer.from('x'))).rejects.toThrow(/KMS refused/);
  });

  it('waits for a KMS that is away', async () => {
    const { raw } = await opened();
    const kms = new KMS({ region: 'us-east-1' });
    const { KeyMetadata } = await kms.createKey({});
    kms.destroy();
    const kmsKeyArn = KeyMetadata?.Arn ?? '';
    const blob = await openStage({ url: raw.url, kmsKeyArn }, [], raw.client).write(
      `${window}/a`,
      pieces('a'),
    );
    const endpoint = process.env['AWS_ENDPOINT_URL_KMS'];
    process.env['AWS_ENDPOINT_URL_KMS'] = 'http://127.0.0.1:9';
    const away = openStage({ url: raw.url, kmsKeyArn }, [], raw.client);
    expect(await codeOf(contentOf(away, blob))).toBe('STAGE_UNREACHABLE');
    expect(await codeOf(away.putChunk(`${window}/b`, Buffer.from('b')))).toBe('STAGE_UNREACHABLE');
    process.env['AWS_ENDPOINT_URL_KMS'] = endpoint;
  });

  it('lists in the order of names, and removes what lies below a place and nothing beside it', async () => {
    const { stage } = await opened();
    const names = [
      'dead/w/f/b-1/000000',
      'dead/w/f/b-1/x/y',
      'dead/w/f/b-10/000000',
      'dead/w/f/b-1.x',
      'dead/w/f/b-1',
    ];
    for (const name of names) await stage.putNote(name, name);
    expect(await namesOf(stage, '')).toEqual([...names].sort());
    expect(await namesOf(stage, 'dead/w/f/b-1')).toEqual([...names].sort());
    expect(await namesOf(stage, 'dead/w/f/b-1/')).toEqual(['dead/w/f/b-1/000000', 'dead/w/f/b-1/x/y']);
    expect(await stage.removeAll('dead/w/f/b-1/')).toBe(2);
    expect(await stage.removeAll('dead/w/f/b-1/')).toBe(0);
    expect(await stage.removeAll('nothing/')).toBe(0);
    expect(await namesOf(stage, '')).toEqual(['dead/w/f/b-1', 'dead/w/f/b-1.x', 'dead/w/f/b-10/000000']);
    await stage.removeNote('dead/w/f/b-1');
    await stage.removeNote('dead/w/f/b-1');
    expect(await namesOf(stage, '')).toEqual(['dead/w/f/b-1.x', 'dead/w/f/b-10/000000']);
    for await (const { writtenAt, bytes } of stage.list('')) {
      expect(Math.abs(Date.now() - writtenAt)).toBeLessThan(3_600_000);
      expect(bytes).toBeGreaterThan(14);
    }
    await expect(stage.removeAll('dead/w/f/b')).rejects.toThrow(RangeError);
  });

  it.each(['../up', '/a', 'a//b', '.tmp/x', 'a b', '', 'a/'])('takes no name such as %j', async (name) => {
    const { stage } = await opened();
    await expect(stage.putNote(name, 1)).rejects.toThrow(RangeError);
  });

  it('can be tried, and leaves nothing by that', async () => {
    const { stage } = await opened();
    await stage.check();
    expect(await namesOf(stage, '')).toEqual([]);
  });

  it('stops writing and reading when told to', async () => {
    const { stage } = await opened();
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let sent = 0; ; sent++) {
        if (sent === 2) stop.abort();
        yield Buffer.alloc(stageChunkBytes);
      }
    }
    await expect(stage.write(`${window}/endless`, endless(), stop.signal)).rejects.toThrow(/abort/i);
    const blob = await stage.write(`${window}/short`, pieces('x'));
    await expect(gathered(stage.read(blob, stop.signal))).rejects.toThrow(/abort/i);
  });
});

describe('a stage in a folder', () => {
  it('whose writer is killed holds whole chunks only, and what the writer left is swept', async () => {
    const { url } = await inFolder();
    const writer = fork(
      new URL('./killed-writer.fixture.ts', import.meta.url),
      [url, key.toString('base64'), window],
      {
        execArgv: ['--conditions=@trunkline/source'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      },
    );
    let written = 0;
    await new Promise<void>((resolve) => {
      writer.on('message', () => {
        if (++written === 3) resolve();
      });
    });
    const exited = once(writer, 'exit');
    writer.kill('SIGKILL');
    await exited;
    const stage = openStage({ url }, [key], null);
    const names = await namesOf(stage, '');
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) expect((await stage.getChunk(name))?.length).toBe(stageChunkBytes);
    await stage.removeLeftOvers(Date.now() + 1_000);
    const temporary = await readdir(join(new URL(url).pathname, '.tmp'));
    expect(temporary).toEqual([]);
    expect(await namesOf(stage, '')).toEqual(names);
  });

  it('says that a folder which is a file cannot be used', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    const stage = openStage({ url: `file://${path}` }, [key], null);
    expect(await codeOf(stage.check())).toBe('STAGE_UNREACHABLE');
    expect(await codeOf(stage.putNote('a', 1))).toBe('STAGE_UNREACHABLE');
  });
});

describe('a stage in a bucket', () => {
  it('says what is wrong with the bucket', async () => {
    const missing = openStage({ url: 's3://no-such-bucket-of-ours/x' }, [key], s3);
    expect(await codeOf(missing.putNote('a', 1))).toBe('S3_BUCKET_MISSING');
    expect(await codeOf(missing.check())).toBe('S3_BUCKET_MISSING');
    const nobody = new S3Client({
      endpoint: 'http://127.0.0.1:9',
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    const away = openStage({ url: 's3://bucket-of-ours' }, [key], nobody);
    expect(await codeOf(away.getNote('a'))).toBe('STAGE_UNREACHABLE');
    nobody.destroy();
  });
});
