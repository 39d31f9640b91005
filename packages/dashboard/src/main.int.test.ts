import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { parsePasswordHash, passwordMatches } from './access/password.ts';

const sources = fileURLToPath(new URL('.', import.meta.url));

function run(file: string, env: Record<string, string> = {}) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['--conditions=@trunkline/source', sources + file], {
    env: { PATH, ...env },
    stdio: 'pipe',
  });
  const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { child, ended };
}

/** Where it says that it listens. */
function listening(child: ChildProcess, ended: Promise<number | null>): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const line = output.split('\n').find((one) => one.includes('"dashboard.listening"'));
      if (line?.endsWith('}')) resolve((JSON.parse(line) as { url: string }).url);
    });
    void ended.then((code) => reject(new Error(`ended with ${code}`)));
  });
}

test('the process says where it listens, answers, and ends on SIGTERM although a page is open', async () => {
  const { child, ended } = run('main.ts', {
    REDIS_URL: inject('redisUrl'),
    TRUNKLINE_PREFIX: `dashboard-${randomBytes(5).toString('hex')}`,
    DASHBOARD_PORT: '0',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const url = await listening(child, ended);
  const page = await fetch(url);
  expect(await page.text()).toContain('This dashboard has no users');
  const events = await fetch(`${url}/events`);
  expect(events.headers.get('content-type')).toBe('text/event-stream');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  await events.body?.cancel().catch(() => {});
  expect(output).toContain('"process.stopped"');
});

test('with Redis away its pages say so, from the start', async () => {
  const { child, ended } = run('main.ts', { REDIS_URL: 'redis://127.0.0.1:1', DASHBOARD_PORT: '0' });
  const answer = await fetch(await listening(child, ended));
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('Redis has not answered since');
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

test('a dashboard that others could reach without logging in is not started', async () => {
  const { child, ended } = run('main.ts', { REDIS_URL: inject('redisUrl'), DASHBOARD_HOST: '0.0.0.0' });
  expect(await text(child.stderr)).toMatch(/DASHBOARD_USERS is missing/);
  expect(await ended).toBe(78);
});

test('a port that is taken is named, with the remedy', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  const { port } = holder.address() as { port: number };
  const { child, ended } = run('main.ts', { REDIS_URL: inject('redisUrl'), DASHBOARD_PORT: String(port) });
  expect(await text(child.stderr)).toMatch(
    /cannot listen on 127\.0\.0\.1, port \d+ \(EADDRINUSE\).*DASHBOARD_PORT/,
  );
  expect(await ended).toBe(78);
  holder.close();
});

test('hash-password prints what DASHBOARD_USERS takes', async () => {
  const { child, ended } = run('hash-password.ts');
  child.stdin.end('a password of length\n');
  const hash = parsePasswordHash((await text(child.stdout)).trim());
  expect(hash && (await passwordMatches('a password of length', hash))).toBe(true);
  expect(await ended).toBe(0);
});

test('hash-password takes no short password', async () => {
  const { child, ended } = run('hash-password.ts');
  child.stdin.end('short\n');
  expect(await text(child.stderr)).toContain('12 to 1024 bytes');
  expect(await ended).toBe(1);
});
