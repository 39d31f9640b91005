import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { keysOf } from '../oracle/redis-values.ts';

/** `npm start` on the built processes, with Redis and Elasticsearch of the tests and an S3 of its own. */

const id = `start${randomBytes(5).toString('hex')}`;
/** Process after process is waited for, each for a minute at most. */
const limitMs = 600_000;
const patient = { timeout: 420_000, interval: 100 };

let folder: string;
let running: ChildProcess | null = null;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'start-'));
});

afterAll(async () => {
  // Its keeper ends what it had started.
  running?.kill('SIGKILL');
  const redis = new Redis(inject('redisUrl'));
  const keys = await keysOf(redis, `{${id}*`);
  if (keys.length > 0) await redis.unlink(...keys);
  redis.disconnect();
  for (const kind of ['', '_index_template/']) {
    await fetch(`${inject('elasticsearchUrl')}/${kind}${id}*`, { method: 'DELETE' });
  }
  await rm(folder, { recursive: true, force: true });
});

function start(...args: string[]): ChildProcess {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  running = spawn(process.execPath, ['--conditions=@trunkline/source', main, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TRUNKLINE_CACHE_DIR: process.env['TRUNKLINE_CACHE_DIR'],
      TRUNKLINE_STATE_DIR: folder,
      TRUNKLINE_PREFIX: id,
      REDIS_URL: inject('redisUrl'),
      ELASTICSEARCH_URL: inject('elasticsearchUrl'),
      AUDIT_INDEX_PREFIX: `${id}-audit-`,
      AUDIT_READ_ALIAS: `${id}-logs`,
      AUDIT_SHARDS: '1',
      STATE_INDEX: `${id}-state`,
      DEAD_LETTER_INDEX: `${id}-dead-letters`,
      COMPLIANCE_INDEX: `${id}-compliance`,
      SIMULATOR_ARCHIVE_CONVERSATIONS: '60',
      SIMULATOR_ARCHIVE_BYTES: '600000',
    },
  });
  return running;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('until drained, everything that was served is stored, and every figure says so', {
  timeout: limitMs,
}, async () => {
  const child = start('--until-drained', '--events', '300', '--indexers', '1');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const shown = await text(child.stdout as NodeJS.ReadableStream);
  expect(await ended, shown).toBe(0);
  for (const [name, value] of [
    ['unique', '300'],
    ['indexed', '300'],
    ['windows', '1'],
    ['dead-lettered', '0'],
    ['missing', '0'],
    ['twice', '0'],
    ['altered', '0'],
    ['personal values leaked', '0'],
    ['not encrypted', '0'],
    ['compliance chain', 'intact'],
    ['completion events', '1'],
  ] as const) {
    expect(shown).toMatch(new RegExp(`^  ${name} +${value}$`, 'm'));
  }
  const [, served] = /^ {2}conversations served +([\d,]+)$/m.exec(shown) ?? [];
  expect(shown).toMatch(new RegExp(`^  stored +${served}$`, 'm'));
  expect(shown.match(/^They agree\.$/gm)).toHaveLength(2);
});

test('the next start goes on where that one stopped, has a command line, and kill -9 of it leaves nothing behind', {
  timeout: limitMs,
}, async () => {
  const child = start('--indexers', '1');
  let shown = '';
  child.stdout?.on('data', (data) => {
    shown += String(data);
  });
  // What the start before had received, archived and told of. A job that was run twice on a busy machine counts twice.
  await vi.waitFor(
    () => expect(shown, shown).toMatch(/^received \d{3}.* \| windows [1-9].* gate open {2}told [1-9]/m),
    patient,
  );
  // It finds this deployment by itself, among all that share the Redis.
  const { stdout } = await promisify(execFile)(path.join(folder, 'trunkline'), ['streams', '--json'], {
    env: {},
  });
  expect(JSON.parse(stdout)).toMatchObject({
    streams: [{ id: 'default', received: { at: expect.any(String) } }],
  });
  const { children } = JSON.parse(await readFile(path.join(folder, 'running.json'), 'utf8')) as {
    children: number[];
  };
  // S3, simulator, fetcher, indexer, redactor, uploader, dashboard.
  expect(children.filter(isRunning)).toHaveLength(7);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), patient);
});
