import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessLog } from '@trunkline/access-log';
import { openStage, stagePlaces } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_DEAD_LETTER,
  type ArchiveDeadLetterJob,
  archiveDeadLetterJobId,
  archiveWindowAt,
} from '@trunkline/contracts';
import { createLogger } from '@trunkline/service';
import { type Queue, UnrecoverableError, type Worker } from 'bullmq';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ArchiveDeployment } from '../archive-deployment.fixture.ts';

const window = archiveWindowAt(Date.parse('2026-11-21'), 86_400_000, ['voice', 'chat']);
const flow = '0a1b2c3d4e5f';
const idOf = (index: number): string => archiveDeadLetterJobId(window.id, flow, 'b00001', index);
const said = '{"conversationId":"c-7","transcripts":["call 202 555 0143","\\ud800"]}';

let deployment: ArchiveDeployment;
let queue: Queue;
let parked: Worker;
let folder: string;
let env: Record<string, string>;

beforeEach(async () => {
  deployment = await ArchiveDeployment.start();
  folder = await mkdtemp(join(tmpdir(), 'trunkline-cli-'));
  env = { STAGE_URL: `file://${folder}`, PAYLOAD_KEY: randomBytes(32).toString('base64') };
  queue = deployment.queue(ARCHIVE_DEAD_LETTER);
  // As a redactor does at an entry's first run.
  parked = deployment.worker(ARCHIVE_DEAD_LETTER, () => {
    throw new UnrecoverableError('DEAD_LETTER_AWAITS_PERSON: It waits for a person.');
  });
});

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** A conversation that waits for a person, as a redactor leaves it. */
async function letter(index: number, code = 'ARCHIVE_CONVERSATION_UNREDACTABLE'): Promise<string> {
  const stage = openStage(
    { url: env['STAGE_URL'] ?? '' },
    [Buffer.from(env['PAYLOAD_KEY'] ?? '', 'base64')],
    null,
  );
  const source = await stage.write(
    `${stagePlaces.deadLetter(window.id, flow, 'b00001', index)}/source`,
    (async function* () {
      yield Buffer.from(said);
    })(),
  );
  const data: ArchiveDeadLetterJob = {
    v: 1,
    window,
    traceId: 't',
    flow,
    batch: 'b00001',
    index,
    source,
    code,
    deadLetteredAt: '2026-11-22T01:00:00.000Z',
    storageClass: 'STANDARD_IA',
  };
  const jobId = idOf(index);
  await queue.add('dead-letter', data, { jobId });
  await expect.poll(() => queue.getJobState(jobId), { timeout: 60_000 }).toBe('failed');
  return jobId;
}

async function json(args: string[]): Promise<{ code: number; data: Record<string, unknown> }> {
  const { code, out } = await deployment.run(['archive', 'dead-letters', ...args, '--json'], env);
  return { code, data: JSON.parse(out) as Record<string, unknown> };
}

const ids = (data: Record<string, unknown>): string[] =>
  (data['letters'] as { id: string }[]).map(({ id }) => id).sort();

describe('list', () => {
  test('lists what waits, by code and window, without any value', async () => {
    await letter(3);
    await letter(17, 'ARCHIVE_CONVERSATION_MALFORMED');
    const all = await json(['list']);
    expect(all.code).toBe(0);
    expect(ids(all.data)).toEqual([idOf(17), idOf(3)]);
    expect(JSON.stringify(all.data)).not.toContain('0143');
    expect(ids((await json(['list', '--code', 'ARCHIVE_CONVERSATION_MALFORMED'])).data)).toEqual([idOf(17)]);
    expect(ids((await json(['list', '--window', 'BATCH_20261120'])).data)).toEqual([]);
    expect((await json(['list', '--limit', '1'])).data).toMatchObject({ more: true });
    const { out } = await deployment.run(['archive', 'dead-letters', 'list']);
    expect(out).toMatch(/BATCH_20261121 +ARCHIVE_CONVERSATION_MALFORMED +waiting/);
    expect(out).toContain('2 dead letters');
  });

  test('an archive without any is told as such', async () => {
    expect(await deployment.run(['archive', 'dead-letters', 'list'])).toMatchObject({
      code: 0,
      out: '0 dead letters\n',
    });
  });
});

describe('show', () => {
  test('shows why it is one, and not what was said', async () => {
    const id = await letter(3);
    const { code, out } = await deployment.run(['archive', 'dead-letters', 'show', id]);
    expect(code).toBe(0);
    expect(out).toContain('ARCHIVE_CONVERSATION_UNREDACTABLE');
    expect(out).toContain('--reveal');
    expect(out).not.toContain('0143');
  });

  test('--reveal prints the conversation byte for byte, and logs who looked', async () => {
    const id = await letter(3);
    const { code, out, err } = await deployment.run(['archive', 'dead-letters', 'show', id, '--reveal'], env);
    expect({ code, out }).toEqual({ code: 0, out: `${said}\n` });
    expect(err).toContain('"event":"archive-dead-letter.revealed"');
    expect(err).toContain('ops@test');
    expect(err).not.toContain('0143');
  });

  test('--reveal without the key reveals nothing', async () => {
    const id = await letter(3);
    const other = { ...env, PAYLOAD_KEY: randomBytes(32).toString('base64') };
    expect(await deployment.run(['archive', 'dead-letters', 'show', id, '--reveal'], other)).toMatchObject({
      code: 78,
      out: '',
    });
  });

  test('one that is not there is a finding', async () => {
    expect(await deployment.run(['archive', 'dead-letters', 'show', 'none'])).toMatchObject({
      code: 1,
      out: '',
    });
  });
});

describe('requeue', () => {
  test('has one redacted again, and says of another that it is not there', async () => {
    const id = await letter(3);
    await parked.close();
    const { code, data } = await json(['requeue', '--id', id, 'none']);
    expect(data['letters']).toEqual([
      { id, result: 'retried' },
      { id: 'none', result: 'absent' },
    ]);
    expect(code).toBe(1);
    expect(await queue.getJobState(id)).toBe('waiting');
    expect((await json(['requeue', '--id', id])).data['letters']).toEqual([{ id, result: 'under-way' }]);
  });

  test('has all that wait redacted again, or those with a code', async () => {
    await letter(3);
    await letter(17, 'ARCHIVE_CONVERSATION_MALFORMED');
    await parked.close();
    expect(ids((await json(['requeue', '--code', 'ARCHIVE_CONVERSATION_MALFORMED'])).data)).toEqual([
      idOf(17),
    ]);
    expect(ids((await json(['requeue', '--all'])).data)).toEqual([idOf(3)]);
    expect(await deployment.run(['archive', 'dead-letters', 'requeue', '--all'])).toMatchObject({
      code: 0,
      out: 'no dead letter is meant\n',
    });
  });

  test('wants to be told which', async () => {
    expect(await deployment.run(['archive', 'dead-letters', 'requeue'])).toMatchObject({ code: 64 });
    expect(await deployment.run(['archive', 'dead-letters', 'requeue', '--all', '--id', 'x'])).toMatchObject({
      code: 64,
    });
  });
});

describe('discard', () => {
  test('puts the reason on the compliance record, deletes what was said, and leaves the others', async () => {
    const [id, other] = [await letter(3), await letter(17)];
    const args = ['discard', '--id', id, 'none', '--reason', 'test call, ticket 4711', '--yes', '--json'];
    const { code, out } = await deployment.run(['archive', 'dead-letters', ...args], env);
    expect(JSON.parse(out)).toEqual({
      v: 1,
      letters: [
        { id, result: 'discarded' },
        { id: 'none', result: 'absent' },
      ],
    });
    expect(code).toBe(1);
    const [record] = await deployment.queue(ARCHIVE_COMPLIANCE).getJobs(['wait']);
    expect(record?.data).toMatchObject({
      status: 'FAILURE',
      details: { discarded: true, by: 'ops@test', reason: 'test call, ticket 4711' },
    });
    expect(await readdir(join(folder, 'dead', window.id, flow))).toEqual(['b00001-17']);
    expect(await queue.getJobState(id)).toBe('unknown');
    expect(await queue.getJobState(other)).toBe('failed');
  });

  test('discards nothing without a reason, without knowing which, and where nobody can be asked', async () => {
    const id = await letter(3);
    for (const args of [
      ['--id', id],
      ['--id', id, '--yes', '--reason', ' '],
      ['--yes', '--reason', 'a test'],
      ['--id', id, '--reason', 'a test'],
    ]) {
      const { code } = await deployment.run(['archive', 'dead-letters', 'discard', ...args], env);
      expect(code).toBe(64);
    }
    expect(await queue.getJobState(id)).toBe('failed');
  });
});

test('what is decided and revealed stands in the access log, and nothing of what was said', async () => {
  const id = await letter(3);
  const as = { ...env, TRUNKLINE_OPERATOR: 'ana@example.com' };
  await deployment.run(['archive', 'dead-letters', 'show', id, '--reveal'], as);
  await deployment.run(['archive', 'dead-letters', 'requeue', '--all'], env);
  const log = new AccessLog(
    deployment.redis,
    deployment.name,
    createLogger({ service: 'cli', instance: 'test', level: 'silent' }),
  );
  const entries = await log.read('actions');
  const told = entries.map(({ user, via, action, target, outcome, count }) => [
    user,
    via,
    action,
    target,
    outcome,
    count,
  ]);
  expect(told).toEqual([
    ['ops@test', 'command-line', 'requeue', 'archive dead letters, all', 'done', 1],
    ['ops@test', 'command-line', 'requeue', 'archive dead letters, all', 'begun', null],
    ['ana@example.com', 'command-line', 'reveal', `archive dead letter ${id}`, 'done', null],
    ['ana@example.com', 'command-line', 'reveal', `archive dead letter ${id}`, 'begun', null],
  ]);
  expect(JSON.stringify(entries)).not.toContain('0143');
});
