import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff, sleep } from './backoff.ts';

describe('Backoff', () => {
  it('waits between nothing and a bound that doubles up to the longest wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 5_000, max: 600_000 }),
        (min, max) => {
          const backoff = new Backoff(min, max);
          for (let failures = 0; failures < 30; failures++) {
            const ms = backoff.nextMs();
            expect(ms).toBeGreaterThanOrEqual(0);
            expect(ms).toBeLessThan(Math.min(max, min * 2 ** failures));
          }
        },
      ),
    );
  });

  it('stays at the longest wait however often a call has failed', () => {
    const backoff = new Backoff(1_000, 300_000);
    const late = Array.from({ length: 3_000 }, () => backoff.nextMs()).slice(2_000);
    expect(Math.max(...late)).toBeLessThan(300_000);
    expect(Math.max(...late)).toBeGreaterThan(200_000);
  });
});

describe('sleep', () => {
  it('ends with the reason of the signal', async () => {
    const controller = new AbortController();
    const asleep = sleep(3_600_000, controller.signal);
    const reason = new Error('shutting down');
    controller.abort(reason);
    await expect(asleep).rejects.toBe(reason);
  });
});
