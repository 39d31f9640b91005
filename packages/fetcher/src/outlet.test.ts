import { expect, it } from 'vitest';
import { Outlet, spoolFull } from './outlet.ts';

it('says how long until the replay window closes', () => {
  expect(spoolFull(3_600 * 5 + 60 * 7 + 59)).toContain('closes in 5 h 7 min');
  expect(spoolFull(null)).not.toContain('closes');
});

/** An outlet over a queue and a spool that hold what the test says. */
function outletOver(held: { queue: number; spool: number }) {
  const asked = { counts: 0, now: 0 };
  const outlet = new Outlet({
    service: { log: { info() {}, warn() {}, error() {} }, health: { report() {} } } as never,
    queue: {
      async depth() {
        asked.counts++;
        return held.queue;
      },
    },
    spool: { size: async () => ({ batches: held.spool, bytes: 0 }), isFull: async () => false },
    highWater: 10,
    metrics: { queueDepth: { set() {} } } as never,
    now: () => asked.now,
  });
  return { outlet, asked };
}

it('never puts more on the queue than its high-water mark, though it does not count with every batch', async () => {
  const held = { queue: 0, spool: 0 };
  const { outlet, asked } = outletOver(held);
  for (let batch = 0; batch < 10; batch++) {
    expect(await outlet.choose(null)).toBe('queue');
    held.queue++;
  }
  expect(asked.counts).toBeLessThan(5);
  expect(await outlet.choose(null)).toBe('spool');
});

it('counts anew when time has passed, and with every batch while any wait in the spool', async () => {
  const held = { queue: 0, spool: 0 };
  const { outlet, asked } = outletOver(held);
  await outlet.choose(null);
  held.queue = 50;
  asked.now += 200;
  expect(await outlet.choose(null)).toBe('spool');
  held.spool = 1;
  held.queue = 3;
  expect(await outlet.choose(null)).toBe('spool');
  expect(asked.counts).toBe(3);
  expect(outlet.facts()).toEqual({ outlet: 'spool', queueDepth: 3, spoolBatches: 1 });
});
