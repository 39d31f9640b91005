import { AccessLog } from '@trunkline/access-log';
import { ARCHIVE_FETCH } from '@trunkline/contracts';
import { createLogger, openQueue } from '@trunkline/service';
import { type Queue, UnrecoverableError, Worker } from 'bullmq';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Deployment, refusedEvent, until } from '../deployment.fixture.ts';

let deployment: Deployment;
let queue: Queue;

beforeEach(() => {
  deployment = new Deployment(null);
  queue = openQueue(deployment.name, ARCHIVE_FETCH, deployment.redis);
});

afterEach(async () => {
  await queue.close();
  await deployment[Symbol.asyncDispose]();
});

/** Two that failed with a code of ours, one with an unforeseen error. */
async function failThree(): Promise<void> {
  const messages = [
    'ARCHIVE_DIGEST_MISMATCH: other bytes',
    'ARCHIVE_DIGEST_MISMATCH: other bytes',
    'Unforeseen error',
  ];
  for (const [place, message] of messages.entries())
    await queue.add('window', { message }, { jobId: `w${place}` });
  const { connection, prefix = '' } = queue.opts;
  const worker = new Worker(
    ARCHIVE_FETCH,
    async ({ data }) => Promise.reject(new UnrecoverableError(data.message)),
    {
      connection: deployment.redis.duplicate() as typeof connection,
      prefix,
    },
  );
  try {
    await until('all have failed', async () => (await queue.getFailedCount()) === 3);
  } finally {
    await worker.close();
  }
}

async function json(args: string[]) {
  const { code, out } = await deployment.run([...args, '--json']);
  return { code, data: JSON.parse(out) as Record<string, unknown> };
}

test('retries failed jobs by code, by id, and all of them', async () => {
  await failThree();
  const byCode = await json(['retry', ARCHIVE_FETCH, '--code', 'ARCHIVE_DIGEST_MISMATCH']);
  expect(byCode).toMatchObject({
    code: 0,
    data: {
      jobs: [
        { id: 'w0', result: 'retried' },
        { id: 'w1', result: 'retried' },
      ],
    },
  });
  expect(await queue.getJobState('w0')).toBe('waiting');
  expect(await queue.getJobState('w2')).toBe('failed');
  expect((await deployment.run(['retry', ARCHIVE_FETCH, '--job', 'w0'])).code).toBe(1);
  expect((await deployment.run(['retry', ARCHIVE_FETCH, '--all'])).out).toBe('1 job runs again\n');
  expect(await queue.getFailedCount()).toBe(0);
  expect((await deployment.run(['retry', ARCHIVE_FETCH, '--all'])).out).toBe('no failed job is meant\n');
});

test('refuses to guess which jobs are meant, and sends dead letters elsewhere', async () => {
  for (const args of [[], ['--all', '--job', 'w0'], ['--code', 'NO_CODE']]) {
    expect((await deployment.run(['retry', ARCHIVE_FETCH, ...args])).code).toBe(64);
  }
  const { code, err } = await deployment.run(['retry', 'audit-dead-letter', '--all']);
  expect(code).toBe(64);
  expect(err).toContain('dead-letters requeue');
  expect((await deployment.run(['pause', 'no-queue'])).code).toBe(64);
});

test('pauses and resumes a queue, and says where it was so before', async () => {
  expect((await deployment.run(['pause', ARCHIVE_FETCH])).out).toBe('archive-fetch is paused\n');
  expect(await queue.isPaused()).toBe(true);
  expect((await json(['pause', ARCHIVE_FETCH])).data).toEqual({
    v: 1,
    queue: ARCHIVE_FETCH,
    paused: true,
    changed: false,
  });
  const { out } = await deployment.run(['status']);
  expect(out).toContain('run: trunkline resume archive-fetch');
  expect((await deployment.run(['resume', ARCHIVE_FETCH])).out).toBe('archive-fetch is running\n');
  expect(await queue.isPaused()).toBe(false);
  const log = createLogger({ service: 'cli', instance: 'test', level: 'silent' });
  const entries = await new AccessLog(deployment.redis, deployment.name, log).read('actions');
  const target = { user: 'ops@test', target: ARCHIVE_FETCH, outcome: 'done' };
  expect(entries).toMatchObject([
    { ...target, action: 'resume' },
    { ...target, action: 'pause' },
  ]);
});

test('tells by which key dead letters were sealed, and that one is missing', async () => {
  await deployment.letters.put([refusedEvent]);
  await deployment.ask('POST', `/${deployment.name}-dead-letters/_refresh`);
  const other = Buffer.alloc(32, 7).toString('base64');
  expect(await json(['rotate-key', 'payload'])).toMatchObject({
    code: 0,
    data: { deadLetters: [{ letters: 1, use: 'seals' }] },
  });
  const run = async (key: string) =>
    deployment.run(['rotate-key', 'payload', '--json'], { PAYLOAD_KEY: key });
  expect(JSON.parse((await run(`${other},${deployment.key}`)).out)).toMatchObject({
    deadLetters: [{ letters: 1, use: 'opens' }],
  });
  expect((await run(other)).code).toBe(1);
});

test('makes the token of a value from standard input as redactors do, and repeats no value', async () => {
  const env = { TOKENIZATION_KEY: 'k'.repeat(32) };
  const { code, out, err } = await deployment.run(['token', '--phone', '-'], env, '+1 202 555 0143');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^PHONE-[0-9a-f]{16}\n$/);
  const found = await deployment.run(['token', '--phone'], env, '(202) 555-0143');
  expect(found.out).toBe(out);
  const refused = await deployment.run(['token', '--iban', '-'], env, 'Ada Lovelace');
  expect(refused.code).toBe(64);
  expect(refused.err).not.toContain('Ada');
});
