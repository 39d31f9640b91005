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
import type { Contract } from '../oracle/served-events.ts';

/** `npm start` on the built processes, with Redis and Elasticsearch of the tests and an S3 of its own. */

const id = `start${randomBytes(5).toString('hex')}`;
/** Process after process is waited for, each for a minute at most. */
const limitMs = 600_000;
const patient = { timeout: 420_000, interval: 100 };

/** What a start under a contract is told besides: its own names, and few conversations; late rows that one need not wait for. */
const told = {
  guide: { SIMULATOR_ARCHIVE_CONVERSATIONS: '60', SIMULATOR_ARCHIVE_BYTES: '600000' },
  platform: {
    SIMULATOR_ARCHIVE_CONVERSATIONS: '20',
    SIMULATOR_AUDITS: JSON.stringify({ lateSeconds: 50 }),
    AUDIT_OVERLAP_MINUTES: '1',
    AUDIT_HISTORY_MINUTES: '1',
  },
} as const satisfies Record<Contract, Record<string, string>>;

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
  const elasticsearch = inject('elasticsearchUrl');
  const found = (await (await fetch(`${elasticsearch}/${id}*/_settings/index.uuid`)).json()) as object;
  // By their names: Elasticsearch deletes no indices by a pattern.
  await fetch(`${elasticsearch}/${Object.keys(found).join(',')}`, { method: 'DELETE' });
  await fetch(`${elasticsearch}/_index_template/${id}*`, { method: 'DELETE' });
  await rm(folder, { recursive: true, force: true });
});

const folderOf = (contract: Contract): string => path.join(folder, contract);

function start(contract: Contract, ...args: string[]): ChildProcess {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const own = `${id}-${contract}`;
  const all = ['--conditions=@trunkline/source', main, '--contract', contract, '--indexers', '1', ...args];
  running = spawn(process.execPath, all, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      TRUNKLINE_CACHE_DIR: process.env['TRUNKLINE_CACHE_DIR'],
      TRUNKLINE_STATE_DIR: folderOf(contract),
      TRUNKLINE_PREFIX: own,
      REDIS_URL: inject('redisUrl'),
      ELASTICSEARCH_URL: inject('elasticsearchUrl'),
      AUDIT_INDEX_PREFIX: `${own}-audit-`,
      AUDIT_READ_ALIAS: `${own}-logs`,
      AUDIT_SHARDS: '1',
      STATE_INDEX: `${own}-state`,
      DEAD_LETTER_INDEX: `${own}-dead-letters`,
      COMPLIANCE_INDEX: `${own}-compliance`,
      ...told[contract],
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

test.for<Contract>(['guide', 'platform'])(
  'until drained (%s), all that was served is stored, and told',
  {
    timeout: limitMs,
  },
  async (contract) => {
    const child = start(contract, '--until-drained', '--events', '300');
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
  },
);

test('the next start goes on where that one stopped, has a command line, and kill -9 of it leaves nothing behind', {
  timeout: limitMs,
}, async () => {
  const child = start('guide');
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
  const command = path.join(folderOf('guide'), 'trunkline');
  const { stdout } = await promisify(execFile)(command, ['streams', '--json'], { env: {} });
  expect(JSON.parse(stdout)).toMatchObject({
    streams: [{ id: 'default', received: { at: expect.any(String) } }],
  });
  const { children } = JSON.parse(await readFile(path.join(folderOf('guide'), 'running.json'), 'utf8')) as {
    children: number[];
  };
  // S3, simulator, fetcher, indexer, redactor, uploader, dashboard.
  expect(children.filter(isRunning)).toHaveLength(7);
  child.kill('SIGKILL');
  await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), patient);
});
