import { AUDIT_DEAD_LETTER, deadLetterJobId } from '@trunkline/contracts';
import { eventDigest, type NewDeadLetter } from '@trunkline/elasticsearch-sink';
import { openQueue } from '@trunkline/service';
import type { Queue } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Deployment, until } from '../deployment.fixture.ts';
import { WorkspaceProcess } from '../workspace-process.fixture.ts';

let deployment: Deployment;
let queue: Queue;

beforeEach(() => {
  deployment = new Deployment(null);
  queue = openQueue(deployment.name, AUDIT_DEAD_LETTER, deployment.redis);
});

afterEach(async () => {
  await queue.close();
  await deployment[Symbol.asyncDispose]();
});

function letter(id: string, more: Partial<NewDeadLetter> = {}): NewDeadLetter {
  const text = `{"id":"${id}","date":"2026-11-22T09:00:00Z","userName":"Ada Lovelace","resourceType":"Queue","request":{"a":1,"b":2}}`;
  return {
    stream: 'default',
    code: 'AUDIT_EVENT_REFUSED',
    field: 'userName',
    errorType: 'document_parsing_exception',
    eventId: id,
    digest: eventDigest(text),
    deadLetteredAt: '2026-11-22T10:00:00.000Z',
    text,
    ...more,
  };
}

const malformed = (n: number): NewDeadLetter => {
  const text = `{"no":"id ${n}"}`;
  const digest = eventDigest(text);
  return letter('', {
    code: 'AUDIT_EVENT_MALFORMED',
    field: null,
    errorType: null,
    eventId: null,
    digest,
    text,
  });
};

async function json(args: string[]): Promise<{ code: number; data: Record<string, unknown>; err: string }> {
  const { code, out, err } = await deployment.run(['dead-letters', ...args, '--json']);
  return { code, data: JSON.parse(out) as Record<string, unknown>, err };
}

const ids = (data: Record<string, unknown>): string[] =>
  (data['letters'] as { id: string }[]).map(({ id }) => id).sort();

const stateOf = (id: string): Promise<string> => queue.getJobState(deadLetterJobId(id));
const statusOf = async (id: string) => (await deployment.letters.get(id))?.status;

describe('list', () => {
  test('lists from the index by code, field and status, without any value', async () => {
    await deployment.letters.put([letter('a'), letter('b', { field: 'ipAddress' }), malformed(1)]);
    await deployment.letters.discard('b', 'a test', '2026-11-22T11:00:00.000Z', 'ops');
    const all = await json(['list', '--status', 'all']);
    expect(ids(all.data)).toHaveLength(3);
    expect(JSON.stringify(all.data)).not.toContain('Ada');
    expect(ids((await json(['list', '--field', 'userName'])).data)).toEqual(['a']);
    expect(ids((await json(['list', '--code', 'AUDIT_EVENT_MALFORMED'])).data)).toHaveLength(1);
    expect(ids((await json(['list', '--status', 'discarded'])).data)).toEqual(['b']);
    expect((await json(['list', '--limit', '1'])).data).toMatchObject({ more: true });
    const { out } = await deployment.run(['dead-letters', 'list']);
    expect(out).toContain('2 dead letters; open: 1 AUDIT_EVENT_MALFORMED, 1 AUDIT_EVENT_REFUSED');
  });

  test('asks for Elasticsearch alone', async () => {
    const env = { REDIS_URL: '', PAYLOAD_KEY: '', GENESYS_API_BASE: '' };
    expect(await deployment.run(['dead-letters', 'list'], env)).toMatchObject({
      code: 0,
      out: '0 dead letters; open: none\n',
    });
    const { code, err } = await deployment.run(['dead-letters', 'list'], { ELASTICSEARCH_URL: '' });
    expect({ code, err }).toMatchObject({
      code: 78,
      err: expect.stringContaining('ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID is missing'),
    });
  });
});

describe('show', () => {
  test('masks the values, and prints the event with --reveal alone, which is logged', async () => {
    const { text } = letter('a');
    await deployment.letters.put([letter('a')]);
    const shown = await deployment.run(['dead-letters', 'show', 'a']);
    expect(shown.out).toContain('AUDIT_EVENT_REFUSED');
    expect(shown.out).toMatch(/userName\s+string of 12 characters/);
    expect(shown.out).toMatch(/request\s+object of 2 members/);
    expect(shown.out).not.toContain('Ada');
    expect(shown.err).toBe('');

    const revealed = await deployment.run(['dead-letters', 'show', 'a', '--reveal']);
    expect(revealed.out).toBe(`${text}\n`);
    expect(JSON.parse(revealed.err)).toMatchObject({
      event: 'dead-letter.revealed',
      deadLetterId: 'a',
      by: 'ops@test',
    });
    expect(revealed.err).not.toContain('Ada');
  });

  test('shows what it can without the key, or with another, and reveals nothing then', async () => {
    await deployment.letters.put([letter('a')]);
    const other = { PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64') };
    expect((await deployment.run(['dead-letters', 'show', 'a'], { PAYLOAD_KEY: '' })).out).toContain(
      'its event is not shown: PAYLOAD_KEY is not set',
    );
    expect((await deployment.run(['dead-letters', 'show', 'a'], other)).out).toContain(
      'sealed with a key that PAYLOAD_KEY does not hold',
    );
    const refused = await deployment.run(['dead-letters', 'show', 'a', '--reveal'], other);
    expect(refused).toMatchObject({ code: 78, out: '' });
  });

  test('says that there is none', async () => {
    await deployment.letters.put([letter('a')]);
    expect(await deployment.run(['dead-letters', 'show', 'b'])).toMatchObject({ code: 1, out: '' });
  });
});

describe('requeue', () => {
  test('makes entries anew that are gone from the queue, and an indexer indexes their events', async () => {
    await deployment.letters.put([letter('a'), letter('b')]);
    const { code, data } = await json(['requeue', '--id', 'a']);
    expect(data).toMatchObject({ letters: [{ id: 'a', result: 'queued' }] });
    expect(code).toBe(0);
    await using _indexer = new WorkspaceProcess('indexer', deployment.env);
    await until('the event is indexed', async () => (await statusOf('a')) === 'requeued');
    expect(await deployment.letters.get('a')).toMatchObject({ by: 'ops@test', attempts: 1 });
    expect(await statusOf('b')).toBe('open');
    expect((await json(['requeue', '--id', 'a'])).data).toMatchObject({ letters: [{ result: 'closed' }] });
  });

  test('retries failed entries as Bull Board does, by code or all of them', async () => {
    await deployment.letters.put([letter('a'), letter('b'), malformed(1)]);
    const [malformedId] = ids((await json(['list', '--code', 'AUDIT_EVENT_MALFORMED'])).data) as [string];
    for (const id of ['a', 'b', malformedId]) {
      await queue.add(
        'dead-letter',
        {
          v: 1,
          kind: 'dead-letter',
          stream: 'default',
          deadLetterId: id,
          code: 'AUDIT_EVENT_REFUSED',
          field: null,
          deadLetteredAt: '2026-11-22T10:00:00.000Z',
          traceId: 'trace',
        },
        { jobId: deadLetterJobId(id), attempts: 1 },
      );
    }
    await using _indexer = new WorkspaceProcess('indexer', deployment.env);
    await until('they wait for a person', async () => (await queue.getFailedCount()) === 3);
    const byCode = await json(['requeue', '--code', 'AUDIT_EVENT_REFUSED']);
    expect(byCode.data).toMatchObject({
      letters: [
        { id: 'a', result: 'retried' },
        { id: 'b', result: 'retried' },
      ],
    });
    await until('both are indexed', async () => (await queue.getCompletedCount()) === 2);
    expect(await statusOf(malformedId)).toBe('open');
    const all = await json(['requeue', '--all']);
    expect(all.data).toMatchObject({ letters: [{ id: malformedId, result: 'retried' }] });
    await until(
      'it is refused again',
      async () => (await deployment.letters.get(malformedId))?.attempts === 1,
    );
    expect(await statusOf(malformedId)).toBe('open');
  });

  test('turns an entry that no indexer has looked at into one that a person asked for', async () => {
    await deployment.letters.put([letter('a')]);
    const pointer = {
      v: 1,
      kind: 'dead-letter',
      stream: 'default',
      deadLetterId: 'a',
      code: 'AUDIT_EVENT_REFUSED',
      field: 'userName',
      deadLetteredAt: '2026-11-22T10:00:00.000Z',
      traceId: 'kept',
    };
    await queue.add('dead-letter', pointer, { jobId: deadLetterJobId('a'), attempts: 1 });
    expect((await json(['requeue', '--id', 'a'])).data).toMatchObject({ letters: [{ result: 'queued' }] });
    expect((await queue.getJob(deadLetterJobId('a')))?.data).toMatchObject({
      traceId: 'kept',
      requestedBy: 'ops@test',
    });
    expect((await json(['requeue', '--id', 'a'])).data).toMatchObject({ letters: [{ result: 'under-way' }] });
    await using _indexer = new WorkspaceProcess('indexer', deployment.env);
    await until('the event is indexed', async () => (await statusOf('a')) === 'requeued');
  });

  test('names what is not there, and wants to know what is meant', async () => {
    await deployment.letters.put([letter('a')]);
    const { code, data } = await json(['requeue', '--id', 'nobody']);
    expect(data).toMatchObject({ letters: [{ id: 'nobody', result: 'absent' }] });
    expect(code).toBe(1);
    expect(await deployment.run(['dead-letters', 'requeue'])).toMatchObject({ code: 64, out: '' });
    expect(await deployment.run(['dead-letters', 'requeue', '--all', '--id', 'a'])).toMatchObject({
      code: 64,
    });
  });
});

describe('discard', () => {
  test('keeps reason, user and time, and takes the entry off the queue', async () => {
    await deployment.letters.put([letter('a'), letter('b')]);
    await json(['requeue', '--id', 'a']);
    expect(await stateOf('a')).toBe('waiting');
    const { code, data } = await json(['discard', '--id', 'a', '--reason', 'sent twice']);
    expect(data).toMatchObject({ letters: [{ id: 'a', result: 'discarded' }] });
    expect(code).toBe(0);
    const kept = await deployment.letters.get('a');
    expect(kept).toMatchObject({ status: 'discarded', discardReason: 'sent twice', by: 'ops@test' });
    expect(kept?.changedAt).not.toBeNull();
    expect(await stateOf('a')).toBe('unknown');
    expect(await statusOf('b')).toBe('open');
    const again = await json(['discard', '--id', 'a', '--reason', 'again']);
    expect(again.data).toMatchObject({ letters: [{ result: 'closed' }] });
    expect((await deployment.letters.get('a'))?.discardReason).toBe('sent twice');
  });

  test('wants a reason', async () => {
    expect(await deployment.run(['dead-letters', 'discard', '--id', 'a'])).toMatchObject({ code: 64 });
    expect(await deployment.run(['dead-letters', 'discard', '--id', 'a', '--reason', ' '])).toMatchObject({
      code: 64,
    });
  });
});
