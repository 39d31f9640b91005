import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';

describe('Health', () => {
  it('tells a wedged step from an idle process', async () => {
    let now = 0;
    const health = new Health(() => now);
    expect(health.overdue()).toEqual([]);
    let finish = (): void => {};
    const step = health.step(
      'poll',
      1_000,
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    now = 999;
    expect(health.overdue()).toEqual([]);
    now = 1_001;
    expect(health.overdue()).toEqual(['poll']);
    finish();
    await step;
    expect(health.overdue()).toEqual([]);
  });

  it('gives a step more time that says until when it waits', async () => {
    let now = 0;
    const health = new Health(() => now);
    let finish = (): void => {};
    const step = health.step('poll', 1_000, (extend) => {
      extend(60_000);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    now = 60_500;
    expect(health.overdue()).toEqual([]);
    now = 61_001;
    expect(health.overdue()).toEqual(['poll']);
    finish();
    await step;
  });

  it('does not count the time for which Redis was away', async () => {
    let now = 0;
    const health = new Health(() => now);
    let finish = (): void => {};
    const step = health.step(
      'poll',
      1_000,
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    health.setSuspended(true);
    now = 100_000;
    expect(health.overdue()).toEqual([]);
    health.setSuspended(false);
    now = 100_999;
    expect(health.overdue()).toEqual([]);
    now = 101_001;
    expect(health.overdue()).toEqual(['poll']);
    finish();
    await step;
  });

  it('forgets a step that failed', async () => {
    let now = 0;
    const health = new Health(() => now);
    await expect(health.step('poll', 1, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    now = 10;
    expect(health.overdue()).toEqual([]);
  });

  it('is ready when every dependency is in order', () => {
    const health = new Health();
    health.report('redis', 'away');
    expect(health.problems()).toEqual(['redis: away']);
    health.report('redis', null);
    expect(health.problems()).toEqual([]);
  });
});
