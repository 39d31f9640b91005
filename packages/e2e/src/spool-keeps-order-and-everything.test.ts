import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import path from 'node:path';
import { type System, type TrunklineProcess, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

const highWater = 5;
const eventsDuringOutage = 1_500;

function startSmallQueue(fetchers = 1): Promise<System> {
  return startSystem({
    fetchers,
    simulator: { backlog: 200 },
    settings: {
      QUEUE_HIGH_WATER: String(highWater),
      QUEUE_LOW_WATER: '3',
      GENESYS_RATE_PER_SECOND: '50',
      // Longer than a fetcher of a busy machine is ever kept waiting: a lease that is lost makes a page be fetched twice.
      LEASE_TTL_SECONDS: '10',
      LEASE_RENEW_SECONDS: '1',
    },
  });
}

function spoolOf(system: System, fetcher: TrunklineProcess): string {
  return path.join(fetcher.env['SPOOL_DIR'] ?? '', system.names.id, 'default');
}

/** Batches that wait in a fetcher's spool, the oldest first. */
async function spooled(system: System, fetcher: TrunklineProcess): Promise<string[]> {
  const names = await readdir(spoolOf(system, fetcher));
  return names.filter((name) => name.endsWith('.batch')).sort();
}

async function pollingFetcher(system: System): Promise<TrunklineProcess> {
  return until('a fetcher holds the lease', async () => {
    const { leaseHolder } = await system.snapshot();
    return system.fetchers.find(({ running, pid }) => running && leaseHolder?.includes(`-${pid}-`));
  });
}

/** The sink goes away, everything is received all the same, and what the queue has no room for is spooled. */
async function overflow(system: System): Promise<TrunklineProcess> {
  await system.drained();
  const fetcher = await pollingFetcher(system);
  await system.faults.elasticsearch.refuse();
  await system.genesys.addEvents(eventsDuringOutage);
  await fetcher.log.waitFor('outlet.spool');
  await until('everything is received', async () => {
    const [{ unserved }, { drained }] = await Promise.all([system.genesys.summary(), system.genesys.state()]);
    return unserved === 0 && drained;
  });
  // A page was accepted when the next is asked for; its own poll is counted when it has ended, which may be yet to come.
  const { polls } = await system.genesys.summary();
  await until('the last page is accepted', async () => (await system.genesys.summary()).polls >= polls + 2);
  await until('every batch is accepted', async () => {
    const [{ state, inFlightCount }, files, { wait = 0, active = 0, delayed = 0 }] = await Promise.all([
      system.snapshot(),
      spooled(system, fetcher),
      system.jobCounts(),
    ]);
    return state !== null && files.length > 5 && inFlightCount === files.length + wait + active + delayed;
  });
  return fetcher;
}

async function expectAllDrained(system: System): Promise<void> {
  await system.drained();
  for (const fetcher of system.fetchers) {
    await until(`the spool of ${fetcher.name} is empty`, async () => {
      return (await spooled(system, fetcher)).length === 0;
    });
  }
  // A spool that was drained last may have put stale batches on the queue.
  await system.drained();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
}

/** The number in the stream that a file's name tells: order (two numbers), stream, epoch, number, page. */
function seqOf(name: string): number {
  return Number(name.split('-').at(-2));
}

/** The number of each waiting batch in the stream, as its job tells. */
async function queuedSeqs(system: System): Promise<number[]> {
  const jobs = await system.queue().getJobs(['wait', 'active', 'delayed', 'prioritized']);
  return jobs.map(({ data }) => Number((data as { seq: number }).seq)).sort((a, b) => a - b);
}

describe.concurrent('with the queue above its high-water mark', () => {
  test('batches go to the spool in order, sealed, and from there to the queue', async () => {
    await using system = await startSmallQueue();
    const fetcher = await overflow(system);
    const files = await spooled(system, fetcher);
    const { state } = await system.snapshot();
    const queued = await queuedSeqs(system);
    expect(queued).toHaveLength(highWater);
    // The queue has the oldest; each file's name holds the stream's next number.
    const first = (queued.at(-1) ?? 0) + 1;
    expect(files.map(seqOf)).toEqual(files.map((_, place) => first + place));
    expect(files.map(seqOf).at(-1)).toBe(state?.received.seq);
    const data = await system.personalData();
    expect(data.size).toBeGreaterThan(50);
    for (const name of files) {
      const text = await readFile(path.join(spoolOf(system, fetcher), name), 'utf8');
      expect(text.length).toBeGreaterThan(0);
      expect({ name, found: data.foundIn(text) }).toEqual({ name, found: [] });
    }
    await system.faults.elasticsearch.heal();
    await expectAllDrained(system);
    expect(fetcher.log.events('stream.rewound')).toEqual([]);
    // The last step is told when it is over.
    await until('as many were moved to the queue as stood in the spool', () => {
      const moved = fetcher.log.events('spool.drained').map(({ count }) => Number(count));
      return moved.reduce((sum, count) => sum + count, 0) === files.length;
    });
  });

  test('a fetcher that is killed drains its spool after its restart', async () => {
    await using system = await startSmallQueue();
    const fetcher = await overflow(system);
    await fetcher.kill();
    await fetcher.start();
    await system.faults.elasticsearch.heal();
    await expectAllDrained(system);
    // They were not fetched again: the spool of before was read.
    expect(fetcher.log.events('stream.rewound')).toEqual([]);
    const { served, servedEvents } = await system.genesys.summary();
    expect(served).toBe(servedEvents);
  });

  test('a fetcher that lost the lease drains its spool without it', async () => {
    await using system = await startSmallQueue(2);
    const first = await overflow(system);
    await first.kill();
    const second = await pollingFetcher(system);
    expect(second).not.toBe(first);
    // What stands in the other's spool is missing for the one that polls now.
    await second.log.waitFor('stream.rewound');
    await first.start();
    await system.faults.elasticsearch.heal();
    await first.log.waitFor('spool.drained');
    await expectAllDrained(system);
    expect(await pollingFetcher(system)).toBe(second);
  });

  test('the newest batch, torn by a power cut, is set aside and fetched again', async () => {
    await using system = await startSmallQueue();
    const fetcher = await overflow(system);
    const newest = (await spooled(system, fetcher)).at(-1) ?? '';
    const file = path.join(spoolOf(system, fetcher), newest);
    await fetcher.kill();
    await truncate(file, 60);
    await fetcher.start();
    await system.faults.elasticsearch.heal();
    await fetcher.log.waitFor('spool.unreadable', (line) => line['file'] === newest);
    await fetcher.log.waitFor('stream.rewound');
    await expectAllDrained(system);
    expect(await readdir(spoolOf(system, fetcher))).toEqual([`${newest}.unreadable`]);
  });

  test('a spool that is gone with its disk is fetched again', async () => {
    await using system = await startSmallQueue();
    const fetcher = await overflow(system);
    await fetcher.kill();
    await rm(spoolOf(system, fetcher), { recursive: true });
    await fetcher.start();
    await fetcher.log.waitFor('stream.rewound');
    await system.faults.elasticsearch.heal();
    await expectAllDrained(system);
  });
});
