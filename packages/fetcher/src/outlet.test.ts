import { expect, it } from 'vitest';
import { Outlet, spoolFull } from './outlet.ts';

it('says how long until the replay window closes', () => {
  expect(spoolFull(3_600 * 5 + 60 * 7 + 59)).toContain('closes in 5 h 7 min');
  expect(spoolFull(null)).not.toContain('closes');
});

/** An outlet over a queue and a spool that hold what the test says. */
function outletOver(held: { queue: number; spool: number; full?: boolean }) {
  const asked = { counts: 0, now: 0 };
  const told: { problem: string | null } = { problem: null };
  const outlet = new Outlet({
    service: {
      log: { info() {}, warn() {}, error() {} },
      health: {
        report(_: string, problem: string | null) {
          told.problem = problem;
        },
      },
    } as never,
    queue: {
      async depth() {
        asked.counts++;
        return held.queue;
      },
    },
    spool: { size: async () => ({ batches: held.spool, bytes: 0 }), isFull: async () => held.full ?? false },
    highWater: 10,
    metrics: { queueDepth: { set() {} } } as never,
    now: () => asked.now,
  });
  return { outlet, asked, told };
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

it('tells with every look how long is left while both are full, and nothing once there is room', async () => {
  const held = { queue: 50, spool: 1, full: true };
  const { outlet, told } = outletOver(held);
  expect(await outlet.choose(7_200)).toBe('none');
  expect(told.problem).toContain('closes in 2 h 0 min');
  expect(await outlet.choose(7_140)).toBe('none');
  expect(told.problem).toContain('closes in 1 h 59 min');
  held.full = false;
  expect(await outlet.choose(7_140)).toBe('spool');
  expect(told.problem).toBeNull();
});
