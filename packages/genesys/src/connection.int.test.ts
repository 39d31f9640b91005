import { describe, expect, it } from 'vitest';
import { sharedKeys } from './shared-keys.ts';
import { emptyPage, sourceOf, startGuide, streamPath } from './testing/guide.ts';
import { openRedis, ownPrefix } from './testing/redis.ts';

const never = new AbortController().signal;

describe('processes of one client id', () => {
  it('all pause when one of them is told to', async () => {
    const keyPrefix = ownPrefix();
    await using redis = await openRedis();
    await using other = await openRedis();
    await using guide = await startGuide({
      parts: { redis, keyPrefix },
      // Long enough for the second to come while it lasts, on a busy machine too.
      stream: (nth) => (nth === 1 ? { status: 429, headers: { 'retry-after': '6' } } : emptyPage),
    });
    await using second = guide.open({ redis: other });
    const first = guide.source.nextPage('c-1', never);
    await expect.poll(() => guide.waits.length).toBe(1);
    await Promise.all([first, sourceOf(second).nextPage('c-1', never)]);
    expect(guide.waits[1]).toMatchObject({
      what: 'the OAuth token',
      code: 'GENESYS_RATE_LIMITED',
      status: null,
    });
    expect(guide.server.to(streamPath)).toHaveLength(3);
  });

  it('share their allowance, calls and downloads of both pipelines, of which the token takes its part', async () => {
    const keyPrefix = ownPrefix();
    await using redis = await openRedis();
    await using guide = await startGuide({ parts: { redis, keyPrefix }, settings: { ratePerSecond: 20 } });
    await using second = guide.open();
    const archive = {
      what: 'an archive',
      method: 'POST' as const,
      path: streamPath,
      headers: {},
      body: '{}',
      wanted: [200],
      permissions: [],
      refusal: null,
    };
    const patience = { longestWaitMs: 60_000, onWait: () => {} };
    const startedAt = performance.now();
    await Promise.all([
      ...Array.from({ length: 4 }, () => guide.source.nextPage('c-1', never)),
      ...Array.from({ length: 4 }, async () => (await second.open(archive, patience, never)).body.destroy()),
    ]);
    expect(guide.server.requests).toHaveLength(10);
    // Never faster: nine gaps lie between ten requests.
    expect(performance.now() - startedAt).toBeGreaterThan(450);
  });

  it('all pause when one of them reads that the allowance is used up', async () => {
    const keyPrefix = ownPrefix();
    await using redis = await openRedis();
    await using other = await openRedis();
    const headers = {
      'inin-ratelimit-count': '300',
      'inin-ratelimit-allowed': '300',
      'inin-ratelimit-reset': '61',
    };
    await using guide = await startGuide({
      parts: { redis, keyPrefix },
      stream: () => ({ ...emptyPage, headers }),
    });
    await using second = guide.open({ redis: other });
    await guide.source.nextPage('c-1', never);
    const controller = new AbortController();
    const waiting = sourceOf(second).nextPage('c-1', controller.signal);
    await expect.poll(() => guide.waits.length).toBe(1);
    expect(guide.waits[0]?.untilMs).toBeGreaterThan(Date.now() + 50_000);
    expect(guide.server.to(streamPath)).toHaveLength(1);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('show neither id nor secret in Redis', async () => {
    const keyPrefix = ownPrefix();
    await using redis = await openRedis();
    await using guide = await startGuide({
      parts: { redis, keyPrefix },
      settings: { ratePerSecond: 1 },
      stream: () => ({ status: 429, headers: { 'retry-after': '3600' } }),
    });
    const controller = new AbortController();
    const waiting = guide.source.nextPage('c-1', controller.signal);
    const { pause } = sharedKeys(keyPrefix, 'client-1');
    await expect.poll(() => redis.pttl(pause), { timeout: 60_000 }).toBeGreaterThan(3_500_000);
    expect(pause).not.toContain('client-1');
    expect(await redis.get(pause)).toBe('1');
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
