import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { StreamState } from './stream-state.ts';

let redis: Redis;
let stream: StreamState;
beforeAll(() => {
  redis = new Redis(inject('redisUrl'));
});
afterAll(() => redis.quit());
beforeEach(() => {
  stream = new StreamState(redis, `{test-${randomBytes(6).toString('hex')}}`, 's');
});
afterEach(() => redis.del(...Object.values(stream.keys)));

async function start(checkpoint: string | null = null): Promise<void> {
  expect(await stream.take('me', 60_000, 'e1')).toBe(true);
  expect(await stream.init('e1', 'me', checkpoint)).toBe('ok');
}

function page(
  seq: number,
  before: string | null,
  after: string | null,
  more: { token?: string; jobId?: string; empty?: boolean } = {},
) {
  return stream.accept({
    token: 'e1',
    seq,
    before,
    after,
    jobId: `job${seq}`,
    page: `page${seq}`,
    empty: false,
    at: 1_000 * seq,
    ...more,
  });
}

async function positions(): Promise<unknown> {
  const { state } = await stream.read();
  return (
    state && {
      received: [state.received.seq, state.received.cursor],
      indexed: [state.indexed.seq, state.indexed.cursor],
    }
  );
}

describe('the lease', () => {
  it('has one holder', async () => {
    expect(await stream.take('me', 60_000, 'e1')).toBe(true);
    expect(await stream.take('other', 60_000, 'e2')).toBe(false);
    expect((await stream.read()).epoch).toBe('e1');
  });

  it('counts a command that was sent twice once', async () => {
    expect(await stream.take('me', 60_000, 'e1')).toBe(true);
    expect(await stream.take('me', 60_000, 'e1')).toBe(true);
  });

  it('is renewed by its holder in its epoch only', async () => {
    await stream.take('me', 1_000, 'e1');
    expect(await stream.renew('me', 60_000, 'e1')).toBe(true);
    expect(await redis.pttl(stream.keys.lease)).toBeGreaterThan(1_000);
    expect(await stream.renew('other', 60_000, 'e1')).toBe(false);
    expect(await stream.renew('me', 60_000, 'e0')).toBe(false);
  });

  it('is given back by its holder only', async () => {
    await stream.take('me', 60_000, 'e1');
    await stream.release('other');
    expect((await stream.read()).leaseHolder).toBe('me');
    await stream.release('me');
    expect((await stream.read()).leaseHolder).toBeNull();
  });
});

describe('init', () => {
  it('starts at the checkpoint, once', async () => {
    await start('c7');
    expect(await positions()).toEqual({ received: [0, 'c7'], indexed: [0, 'c7'] });
    expect(await stream.init('e1', 'me', null)).toBe('exists');
  });

  it('is for the holder of this epoch', async () => {
    await stream.take('me', 60_000, 'e1');
    expect(await stream.init('e0', 'me', null)).toBe('fenced');
    expect(await stream.init('e1', 'other', null)).toBe('fenced');
    expect((await stream.read()).state).toBeNull();
  });
});

describe('accept', () => {
  it('records pages in order', async () => {
    await start();
    expect(await page(1, null, 'a|b')).toBe('accepted');
    expect(await page(2, 'a|b', 'c')).toBe('accepted');
    expect(await positions()).toEqual({ received: [2, 'c'], indexed: [0, null] });
    expect(await stream.inFlight()).toEqual([
      { seq: 1, jobId: 'job1', done: false },
      { seq: 2, jobId: 'job2', done: false },
    ]);
  });

  it('changes nothing the second time', async () => {
    await start();
    await page(1, null, 'a');
    expect(await page(1, null, 'a')).toBe('moved');
    expect(await positions()).toEqual({ received: [1, 'a'], indexed: [0, null] });
  });

  it.each([
    ['a seq too far', 2, null],
    ['another cursor before it', 1, 'x'],
  ])('drops a page with %s', async (_what, seq, before) => {
    await start();
    expect(await page(seq, before, 'a')).toBe('moved');
    expect((await stream.inFlight()).length).toBe(0);
  });

  it('refuses a former holder, and an empty Redis', async () => {
    await start();
    expect(await page(1, null, 'a', { token: 'e0' })).toBe('fenced');
    await redis.del(stream.keys.state);
    expect(await page(1, null, 'a')).toBe('fenced');
    expect((await stream.read()).state).toBeNull();
  });

  it('settles a page without events by itself', async () => {
    await start();
    expect(await page(1, null, 'a', { empty: true })).toBe('accepted');
    expect(await positions()).toEqual({ received: [1, 'a'], indexed: [1, 'a'] });
  });
});

describe('settle', () => {
  it('moves the watermark in order, whatever order batches finish in', async () => {
    await start();
    await page(1, null, 'a');
    await page(2, 'a', 'b');
    await page(3, 'b', 'c');
    expect(await stream.settle(3, 'job3')).toBe('settled');
    expect(await positions()).toMatchObject({ indexed: [0, null] });
    expect(await stream.settle(1, 'job1')).toBe('settled');
    expect(await positions()).toMatchObject({ indexed: [1, 'a'] });
    expect(await stream.settle(2, 'job2')).toBe('settled');
    expect(await positions()).toMatchObject({ indexed: [3, 'c'] });
    expect((await stream.read()).state?.indexed.at).toBe(3_000);
  });

  it('of another job than the accepted one changes nothing', async () => {
    await start();
    await page(1, null, 'a');
    expect(await stream.settle(1, 'another')).toBe('stale');
    expect(await positions()).toMatchObject({ indexed: [0, null] });
  });

  it('that overtakes its accept is found by it', async () => {
    await start();
    expect(await stream.settle(1, 'job1')).toBe('early');
    expect(await page(1, null, 'a')).toBe('accepted');
    expect(await positions()).toMatchObject({ indexed: [1, 'a'] });
  });

  it('that came early for another job is forgotten', async () => {
    await start();
    expect(await stream.settle(1, 'another')).toBe('early');
    await page(1, null, 'a');
    expect(await positions()).toMatchObject({ indexed: [0, null] });
    expect(await redis.exists(stream.keys.early)).toBe(0);
  });

  it('creates nothing in an empty Redis, and nothing for a batch long done', async () => {
    expect(await stream.settle(1, 'job1')).toBe('stale');
    expect(await redis.exists(...Object.values(stream.keys))).toBe(0);
    await start();
    await page(1, null, 'a');
    await stream.settle(1, 'job1');
    expect(await stream.settle(1, 'job1')).toBe('stale');
  });
});

describe('rewind', () => {
  it('goes back to the watermark in a new epoch', async () => {
    await start();
    await page(1, null, 'a');
    await stream.settle(1, 'job1');
    await page(2, 'a', 'b');
    await page(3, 'b', 'c');
    expect(await stream.rewind('e1', 2, 'job2', 'e2')).toBe('rewound');
    expect(await positions()).toEqual({ received: [1, 'a'], indexed: [1, 'a'] });
    const { state, epoch, inFlightCount } = await stream.read();
    expect([state?.receivedPage, epoch, inFlightCount]).toEqual(['', 'e2', 0]);
    expect(await page(2, 'a', 'b')).toBe('fenced');
  });

  it('leaves alone what is no longer missing', async () => {
    await start();
    await page(1, null, 'a');
    await page(2, 'a', 'b');
    await stream.settle(2, 'job2');
    expect(await stream.rewind('e1', 2, 'job2', 'e2')).toBe('moved');
    expect(await stream.rewind('e1', 1, 'another', 'e2')).toBe('moved');
    expect(await stream.rewind('e1', 9, 'job9', 'e2')).toBe('moved');
    expect(await stream.rewind('e0', 1, 'job1', 'e2')).toBe('fenced');
    expect(await positions()).toMatchObject({ received: [2, 'b'] });
  });
});

it('forgets a stream wholly, and fences whoever had it', async () => {
  await start();
  await page(1, null, 'a');
  await stream.settle(2, 'job2');
  await stream.forget();
  expect(await redis.exists(...Object.values(stream.keys))).toBe(0);
  expect(await page(2, 'a', 'b')).toBe('fenced');
  await stream.forget();
});
