import { ComplianceChain, complianceKey, manifestDetails } from '@trunkline/archive-store';
import {
  ARCHIVE_COMPLIANCE,
  type ArchiveComplianceJob,
  archiveComplianceJob,
  archiveComplianceJobId,
  archiveWindowAt,
} from '@trunkline/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArchiveDeployment, type StoredConversation } from '../archive-deployment.fixture.ts';

const dayMs = 86_400_000;
const window = (day: string) => archiveWindowAt(Date.parse(`${day}T00:00:00Z`), dayMs, ['voice', 'chat']);
const friday = window('2026-11-20');
const saturday = window('2026-11-21');

let deployment: ArchiveDeployment;

beforeEach(async () => {
  deployment = await ArchiveDeployment.start();
});

afterEach(() => deployment[Symbol.asyncDispose]());

/** A conversation in which somebody says their number; the duration has more digits than a double. */
function conversation(id: string, said: string): StoredConversation {
  const { text } = deployment.redactor.redactText(said);
  return {
    id,
    text: `{"conversationId":"${id}","durationMs":12345678901234567890,"transcripts":[${JSON.stringify(text)}]}`,
    tokens: text.match(/[A-Z]+-[0-9a-f]{16}/g) ?? [],
  };
}

const janes = '+1 202 555 0143';

/** Two windows: Jane called on Friday and on Saturday, somebody else on Saturday. */
async function archive(): Promise<void> {
  await deployment.archive(friday, [conversation('c-1', `this is Jane, (202) 555-0143`)]);
  await deployment.archive(saturday, [
    conversation('c-2', 'my mail is bob@example.org'),
    conversation('c-3', 'call me back at 202-555-0143'),
  ]);
}

/** What the worker of archive-compliance does with a job. */
async function onRecord(job: ArchiveComplianceJob): Promise<void> {
  const chain = new ComplianceChain(deployment.bucket, [
    complianceKey(Buffer.from(deployment.tokenizationKey)),
  ]);
  await chain.append(job);
}

async function archivedOnRecord(): Promise<void> {
  for (const { id } of [friday, saturday]) {
    const stored = await deployment.manifests.read(id);
    if (stored === null) throw new Error(`no manifest of ${id}`);
    await onRecord({
      v: 1,
      recordId: `${id}-SUCCESS`,
      timestamp: '2026-11-22T01:00:00.000Z',
      action: 'ARCHIVE_OFFLOAD',
      conversationId: id,
      status: 'SUCCESS',
      checksum: stored.manifest.source.sha256,
      errorCode: null,
      details: manifestDetails(stored),
      traceId: 't',
    });
  }
}

const complianceJobs = async (): Promise<ArchiveComplianceJob[]> =>
  (await deployment.queue(ARCHIVE_COMPLIANCE).getWaiting()).map((job) => {
    expect(job.id).toBe(archiveComplianceJobId(job.data.recordId));
    return archiveComplianceJob.parse(job.data);
  });

const verifySettled = ['verify', 'archive', '--from', '2026-11-20', '--to', '2026-11-22'];

describe('get', () => {
  test('prints the conversation as it is stored, digits and all', async () => {
    await archive();
    const { code, out } = await deployment.run(['archive', 'get', 'c-3']);
    expect(code).toBe(0);
    expect(out).toBe(`${conversation('c-3', 'call me back at 202-555-0143').text}\n`);
    expect(out).toContain('12345678901234567890');
    expect(out).not.toContain('0143');
  });

  test('says in JSON where it lies, and leaves its text alone', async () => {
    await archive();
    const { out } = await deployment.run(['archive', 'get', 'c-3', '--json']);
    expect(out).toContain('"durationMs":12345678901234567890');
    expect(JSON.parse(out)).toMatchObject({
      v: 1,
      id: 'c-3',
      windowId: 'BATCH_20261121',
      object: { key: expect.stringMatching(/^acme\/archives\/dt=2026-11-21\//) },
      line: 1,
      conversation: { conversationId: 'c-3' },
    });
  });

  test('a conversation that is not there, or not in the range, is a finding', async () => {
    await archive();
    expect(await deployment.run(['archive', 'get', 'c-9'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('There is no conversation c-9 in the archive'),
    });
    const range = ['--from', '2026-11-21', '--to', '2026-11-22'];
    expect(await deployment.run(['archive', 'get', 'c-1', ...range])).toMatchObject({ code: 1, out: '' });
    expect(await deployment.run(['archive', 'get', 'c-1', '--from', '2026-11-21'])).toMatchObject({
      code: 64,
    });
  });

  test('what was altered is not printed', async () => {
    const { objects } = await deployment.archive(friday, [conversation('c-1', 'hello')]);
    const other = await deployment.archive(saturday, [conversation('c-2', 'hello')]);
    await deployment.store(objects[0]?.key ?? '', await deployment.read(other.objects[0]?.key ?? ''));
    expect(await deployment.run(['archive', 'get', 'c-1'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining(objects[0]?.key ?? ''),
    });
  });

  test('asks for the bucket alone, and names every setting that is missing', async () => {
    await archive();
    const env = { REDIS_URL: '', TOKENIZATION_KEY: '' };
    expect(await deployment.run(['archive', 'get', 'c-1'], env)).toMatchObject({ code: 0 });
    const { code, err } = await deployment.run(['archive', 'get', 'c-1'], { S3_BUCKET: '', AWS_REGION: '' });
    expect(code).toBe(78);
    expect(err).toMatch(/S3_BUCKET/);
    expect(err).toMatch(/AWS_REGION/);
  });
});

describe('find', () => {
  test('finds the conversations of a person by another writing of the number, from standard input', async () => {
    await archive();
    const { code, out, err } = await deployment.run(
      ['archive', 'find', '--phone', '-', '--json'],
      {},
      `${janes}\n`,
    );
    expect(code).toBe(0);
    const found = JSON.parse(out) as { token: string; conversations: { id: string; windowId: string }[] };
    expect(found.token).toBe(deployment.redactor.tokenOf('PHONE', janes));
    expect(found.conversations.map(({ id, windowId }) => [id, windowId])).toEqual([
      ['c-1', 'BATCH_20261120'],
      ['c-3', 'BATCH_20261121'],
    ]);
    expect(out + err).not.toContain('0143');
  });

  test('takes the value as an option too, and narrows to a range', async () => {
    await archive();
    const { code, out } = await deployment.run([
      'archive',
      'find',
      '--email',
      'BOB@example.org',
      '--from',
      '2026-11-21T05:00Z',
      '--to',
      '2026-11-21T06:00Z',
    ]);
    expect(code).toBe(0);
    expect(out).toContain('c-2');
    expect(out).toContain('1 conversation\n');
  });

  test('with another key nobody is found', async () => {
    await archive();
    const env = { TOKENIZATION_KEY: 'another key of thirty-two bytes, or more' };
    expect(await deployment.run(['archive', 'find', '--phone', janes], env)).toMatchObject({
      code: 1,
      out: '0 conversations\n',
    });
  });

  test.each([
    [['--phone', 'not a number'], ''],
    [['--phone', '-'], ''],
    [['--phone', '-'], 'x'.repeat(5_000)],
    [['--phone', janes, '--email', 'a@b.org'], ''],
    [[], ''],
  ])('wrong arguments are refused, and never repeated: %j', async (args, input) => {
    const { code, out, err } = await deployment.run(['archive', 'find', ...args], {}, input);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).not.toContain('0143');
    expect(err).not.toContain('not a number');
  });
});

describe('erase', () => {
  test('takes a conversation out, and puts that on record with reason and user', async () => {
    await archive();
    const args = ['archive', 'erase', 'c-3', '--reason', 'request 117', '--yes', '--json'];
    const { code, out } = await deployment.run(args);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      v: 1,
      erased: [{ conversationId: 'c-3', windowId: 'BATCH_20261121' }],
      locked: [],
      notFound: [],
    });
    expect(await deployment.run(['archive', 'get', 'c-3'])).toMatchObject({ code: 1 });
    expect(await deployment.run(['archive', 'get', 'c-2'])).toMatchObject({ code: 0 });
    expect(await complianceJobs()).toEqual([
      expect.objectContaining({
        action: 'ARCHIVE_ERASE',
        status: 'SUCCESS',
        conversationId: 'c-3',
        details: expect.objectContaining({ by: 'ops@test', reason: 'request 117' }),
      }),
    ]);
  });

  test('erasing again changes nothing, and leaves one record', async () => {
    await archive();
    const args = ['archive', 'erase', 'c-3', '--reason', 'request 117', '--yes'];
    await deployment.run(args);
    const before = await deployment.manifests.read('BATCH_20261121');
    expect(await deployment.run(args)).toMatchObject({ code: 0, out: '1 conversation erased\n' });
    expect(await deployment.manifests.read('BATCH_20261121')).toEqual(before);
    expect(await complianceJobs()).toHaveLength(1);
  });

  test('erases all conversations of a person', async () => {
    await archive();
    const args = ['archive', 'erase', '--phone', '-', '--reason', 'request 118', '--yes'];
    expect(await deployment.run(args, {}, janes)).toMatchObject({ code: 0, out: '2 conversations erased\n' });
    expect(await deployment.run(['archive', 'find', '--phone', janes])).toMatchObject({ code: 1 });
    expect(await deployment.run(['archive', 'get', 'c-2'])).toMatchObject({ code: 0 });
    const records = await complianceJobs();
    expect(records.map(({ conversationId }) => conversationId).sort()).toEqual(['c-1', 'c-3']);
    expect(JSON.stringify(records)).not.toContain('0143');
  });

  test('what a legal hold keeps stays, which is told and on record', async () => {
    await deployment[Symbol.asyncDispose]();
    deployment = await ArchiveDeployment.start({ objectLock: true });
    await archive();
    const key = (await deployment.manifests.read(friday.id))?.manifest.objects[0]?.key ?? '';
    await deployment.hold(key, 'ON');
    const args = ['archive', 'erase', 'c-1', 'c-3', '--reason', 'request 121', '--yes', '--json'];
    const { code, out } = await deployment.run(args);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      erased: [{ conversationId: 'c-3' }],
      locked: [{ conversationId: 'c-1', windowId: friday.id, code: 'ARCHIVE_OBJECT_LOCKED' }],
      notFound: [],
    });
    expect(await deployment.run(['archive', 'get', 'c-1'])).toMatchObject({ code: 0 });
    expect(await complianceJobs()).toContainEqual(
      expect.objectContaining({
        conversationId: 'c-1',
        action: 'ARCHIVE_ERASE',
        status: 'FAILURE',
        errorCode: 'ARCHIVE_OBJECT_LOCKED',
      }),
    );
    await deployment.hold(key, 'OFF');
    expect(await deployment.run(args)).toMatchObject({ code: 0 });
  });

  test('with nobody to ask it wants --yes, and erases nothing', async () => {
    await archive();
    expect(await deployment.run(['archive', 'erase', 'c-1', '--reason', 'x'])).toMatchObject({
      code: 64,
      err: expect.stringContaining('--yes'),
    });
    expect(await deployment.run(['archive', 'get', 'c-1'])).toMatchObject({ code: 0 });
    expect(await complianceJobs()).toEqual([]);
  });

  test('on a terminal anything but yes is a no', async () => {
    await archive();
    const args = ['archive', 'erase', 'c-1', '--reason', 'request 119'];
    expect(await deployment.answering('no', args)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Nothing was erased'),
    });
    expect(await deployment.run(['archive', 'get', 'c-1'])).toMatchObject({ code: 0 });
    expect(await deployment.answering('yes', args)).toMatchObject({ code: 0 });
    expect(await deployment.run(['archive', 'get', 'c-1'])).toMatchObject({ code: 1 });
  });

  test('a conversation that is not there is named', async () => {
    await archive();
    expect(
      await deployment.run(['archive', 'erase', 'c-1', 'c-9', '--reason', 'request 120', '--yes']),
    ).toMatchObject({ code: 1, out: expect.stringContaining('c-9') });
  });

  test.each([
    [['c-1', '--reason', ' ']],
    [['--reason', 'x']],
    [['c-1', '--phone', janes, '--reason', 'x']],
    [['c-1']],
  ])('wrong arguments are refused: %j', async (args) => {
    await archive();
    expect(await deployment.run(['archive', 'erase', ...args, '--yes'])).toMatchObject({ code: 64, out: '' });
    expect(await deployment.run(['archive', 'get', 'c-1'])).toMatchObject({ code: 0 });
  });
});

describe('verify archive', () => {
  test('an archive as it was stored holds, also after an erasure', async () => {
    await archive();
    await archivedOnRecord();
    expect(await deployment.run(verifySettled)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/read: 2 windows, 2 objects, 3 conversations.*\neverything holds\n/),
    });
    await deployment.run(['archive', 'erase', 'c-3', '--reason', 'request 117', '--yes']);
    for (const job of await complianceJobs()) await onRecord(job);
    const { code, out } = await deployment.run([...verifySettled, '--json']);
    expect(JSON.parse(out)).toMatchObject({ v: 1, windows: 2, conversations: 2, findings: [] });
    expect(code).toBe(0);
  });

  test('an object that was changed is named, and the exit code tells it', async () => {
    await archive();
    await archivedOnRecord();
    const key = (await deployment.manifests.read(friday.id))?.manifest.objects[0]?.key ?? '';
    await deployment.store(key, Buffer.from('something else'));
    const { code, out } = await deployment.run([...verifySettled, '--json']);
    expect(code).toBe(1);
    expect((JSON.parse(out) as { findings: object[] }).findings).toContainEqual(
      expect.objectContaining({ kind: 'object-altered', key, windowId: friday.id }),
    );
    expect((await deployment.run(verifySettled)).out).toContain(key);
  });

  test('a record of the chain that was changed is named', async () => {
    await archive();
    await archivedOnRecord();
    const key = deployment.bucket.keys.compliance(1);
    const forged = (await deployment.read(key)).toString('utf8').replace('SUCCESS', 'FAILURE');
    await deployment.store(key, Buffer.from(forged));
    const { code, out } = await deployment.run([...verifySettled, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      findings: expect.arrayContaining([expect.objectContaining({ kind: 'chain-altered' })]),
    });
  });

  test('a chain whose end was cut off is told by its copy in Elasticsearch', async () => {
    await archive();
    await archivedOnRecord();
    const digest = 'a'.repeat(64);
    const at = '2026-11-22T02:00:00.000Z';
    const cut = {
      recordId: 'BATCH_20261119-FAILURE',
      action: 'ARCHIVE_OFFLOAD',
      conversationId: 'BATCH_20261119',
    };
    await deployment.complianceRecords().add([
      {
        seq: 3,
        digest,
        appendedAt: at,
        timestamp: at,
        ...cut,
        status: 'FAILURE',
        checksum: null,
        errorCode: null,
        details: {},
      },
    ]);
    await expect
      .poll(async () => (await deployment.complianceRecords().last()).last, { timeout: 60_000 })
      .toEqual({ seq: 3, digest });
    const { code, out } = await deployment.run([...verifySettled, '--json']);
    expect(JSON.parse(out)).toMatchObject({ findings: [expect.objectContaining({ kind: 'chain-cut' })] });
    expect(code).toBe(1);
    const alone = { COMPLIANCE_SEARCH: 'none', ELASTICSEARCH_URL: '' };
    expect(await deployment.run(verifySettled, alone)).toMatchObject({
      code: 0,
      out: expect.stringContaining('not proven: '),
    });
  });

  test('with Elasticsearch away the bucket is verified, and the verdict is not whole', async () => {
    await archive();
    await archivedOnRecord();
    const env = { ELASTICSEARCH_URL: 'http://127.0.0.1:1' };
    expect(await deployment.run(verifySettled, env)).toMatchObject({
      code: 2,
      out: expect.stringContaining('everything holds'),
      err: expect.stringContaining('could not be asked'),
    });
  });

  test('a bucket that is not there is no verdict', async () => {
    const env = { S3_BUCKET: 'no-such-bucket-of-ours' };
    expect(await deployment.run(verifySettled, env)).toMatchObject({
      code: 78,
      out: '',
      err: expect.stringContaining('no-such-bucket-of-ours'),
    });
  });
});
