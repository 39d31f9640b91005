import { afterEach, expect, it } from 'vitest';
import { plainLine, testEngine } from './lines.fixture.ts';
import { ThreadPool, type ThreadPoolParts } from './thread-pool.ts';

const odd = new URL('./odd-thread.fixture.ts', import.meta.url);
const open: ThreadPool[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.stop()));
});

function poolOf(parts: Partial<ThreadPoolParts> = {}): ThreadPool {
  const pool = new ThreadPool({ size: 2, engine: testEngine, timeLimitMs: 120_000, ...parts });
  open.push(pool);
  return pool;
}

const task = (text: string, region = 'US') => ({
  lines: new Uint8Array(new TextEncoder().encode(`${text}\n`)),
  skip: [],
  region,
});

it('redacts in threads, more tasks than there are threads', async () => {
  const pool = poolOf();
  const results = await Promise.all(
    Array.from({ length: 9 }, (_, place) => pool.run(task(`{"id":"${place}","text":"call 415-555-2671"}`))),
  );
  for (const [place, { redacted, counts }] of results.entries()) {
    expect(JSON.parse(Buffer.from(redacted).toString())).toMatchObject({ id: String(place) });
    expect(counts).toEqual({ PHONE: 1 });
  }
});

it('reads national numbers as those of the country that the task names', async () => {
  const pool = poolOf({ size: 1 });
  const line = '{"id":"a","text":"my phone number is 030 2345 6789"}';
  const [german, american] = [await pool.run(task(line, 'DE')), await pool.run(task(line))];
  const abroad = await pool.run(task('{"id":"a","text":"my phone number is +49 30 2345 6789"}'));
  const tokenIn = ({ redacted }: { redacted: Uint8Array }) =>
    /PHONE-[0-9a-f]+/.exec(Buffer.from(redacted).toString())?.[0];
  expect(tokenIn(german)).toBe(tokenIn(abroad));
  expect(tokenIn(american)).not.toBe(tokenIn(abroad));
});

it('takes a conversation of 20 MB and more', async () => {
  const line = plainLine('large', 24 * 1024 * 1024);
  const { redacted } = await poolOf().run(task(line));
  expect(Buffer.from(redacted).equals(Buffer.from(`${line}\n`))).toBe(true);
});

it('outlives a thread that dies', async () => {
  const pool = poolOf({ file: odd });
  await expect(pool.run(task('{"id":"poison"}'))).rejects.toMatchObject({ name: 'ThreadLost', why: 'died' });
  expect((await pool.run(task('{"id":"sound"}'))).conversations).toBe(1);
});

it('ends a thread that takes too long, and goes on with another', async () => {
  const pool = poolOf({ file: odd, size: 1, timeLimitMs: 1_000 });
  const endless = pool.run(task('{"id":"endless"}'));
  const behind = pool.run(task('{"id":"poison"}'));
  await expect(endless).rejects.toMatchObject({ name: 'ThreadLost', why: 'overdue' });
  await expect(behind).rejects.toMatchObject({ name: 'ThreadLost' });
});

it('counts no thread as lost that could not start: that says nothing of the conversation', async () => {
  const pool = poolOf({ file: new URL('./no-such-file.ts', import.meta.url) });
  await expect(pool.run(task('{"id":"a"}'))).rejects.toThrow('could not start');
});

it('refuses tasks once it has stopped', async () => {
  const pool = poolOf();
  await pool.stop();
  await expect(pool.run(task('{"id":"a"}'))).rejects.toThrow('stops');
});
