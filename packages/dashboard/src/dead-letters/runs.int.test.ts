import { randomBytes } from 'node:crypto';
import { createLogger } from '@trunkline/service';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { Decision, Progress } from './decide.ts';
import { DecisionRuns, type RunState } from './runs.ts';

const decision: Decision = {
  pipeline: 'audit',
  action: 'requeue',
  chosen: null,
  filter: { code: 'AUDIT_EVENT_REFUSED', stream: null, windowId: null },
  reason: '',
};

let redis: Redis;
let deployment: string;
let told: (RunState | 'begun')[];
/** Lets the decision be carried out for one more letter; resolves with whether it goes on. */
let step: () => Promise<boolean>;

beforeEach(() => {
  redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  deployment = `runs-${randomBytes(5).toString('hex')}`;
  told = [];
});

afterEach(async () => {
  const keys = await redis.keys(`*${deployment}*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

/** One replica; its decisions are carried out letter by letter, as `step` is called. @param meant how many letters there are */
function replica(meant = 3): DecisionRuns {
  const steps: PromiseWithResolvers<boolean>[] = [];
  let called = Promise.withResolvers<void>();
  step = () => {
    const taken = Promise.withResolvers<boolean>();
    steps.push(taken);
    called.resolve();
    return taken.promise;
  };
  const carryOut = async (_: Decision, __: string, goesOn: (progress: Progress) => boolean) => {
    for (let done = 1; ; done += 1) {
      while (steps.length === 0) {
        called = Promise.withResolvers();
        await called.promise;
      }
      const isOn = goesOn({ done, skipped: 0 });
      steps.shift()?.resolve(isOn);
      if (!isOn || done === meant) return;
    }
  };
  const log = createLogger({ service: 'dashboard', instance: 'test', level: 'silent' });
  return new DecisionRuns(redis, deployment, carryOut, log);
}

function start(runs: DecisionRuns): Promise<boolean> {
  return runs.start({
    decision,
    target: 'audit dead letters, all',
    by: 'ana',
    total: 3,
    begun: async () => void told.push('begun'),
    ended: async (state) => void told.push(state),
  });
}

test('a decision about all goes on by itself; every replica shows how far it is, and begins no other beside it', async () => {
  const other = replica();
  const runs = replica();
  expect(await start(runs)).toBe(true);
  expect(await start(other)).toBe(false);
  expect(await step()).toBe(true);
  await expect
    .poll(() => other.read('audit'))
    .toMatchObject({ state: 'running', done: 1, total: 3, by: 'ana' });
  await step();
  await step();
  await runs.settled('audit', 60_000);
  expect(await other.read('audit')).toMatchObject({ state: 'ended', end: 'done', done: 3 });
  expect(told).toMatchObject(['begun', { end: 'done', done: 3 }]);
  expect(await start(runs)).toBe(true);
  void step();
  await runs[Symbol.asyncDispose]();
});

test('it can be stopped from any replica', async () => {
  const other = replica();
  const runs = replica(Number.POSITIVE_INFINITY);
  await start(runs);
  await step();
  await other.stop('audit');
  await expect.poll(step).toBe(false);
  await runs.settled('audit', 60_000);
  expect(await other.read('audit')).toMatchObject({ state: 'ended', end: 'stopped' });
});

test('one whose process has ended is told of as cut short, and can be asked for again', async () => {
  await start(replica());
  await step();
  // As its expiry does.
  await redis.del(...(await redis.keys(`*${deployment}*:lock`)));
  expect(await replica().read('audit')).toMatchObject({ state: 'cut-short' });
});
