import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { System } from '@trunkline/test-kit';
import { Redis } from 'ioredis';
import { isSound, type Tally, tallyOf } from './tally.ts';

export interface Outage {
  tally: Tally;
  highWaterBatches: number;
  /** The most that the queue held, batches. */
  queueMost: number;
  /** The most that Redis held above its start, MB. */
  redisMostMb: number;
  /** The most that the spool held. */
  spoolMostBatches: number;
  spoolMostMb: number;
  outageMs: number;
  drainMs: number;
  trouble: string[];
}

const HIGH_WATER = 500;

/** Elasticsearch refuses connections while `events` come as fast as they can be fetched; then it is back. */
export async function runOutage(
  addresses: { redisUrl: string; elasticsearchUrl: string },
  options: { events: number; tell: (line: string) => void },
): Promise<Outage> {
  const trouble: string[] = [];
  const redis = new Redis(addresses.redisUrl);
  const usedMb = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? 0) / 1_048_576;
  await using system = await System.start({
    ...addresses,
    indexers: 2,
    simulator: { backlog: 500 },
    settings: {
      QUEUE_HIGH_WATER: String(HIGH_WATER),
      QUEUE_LOW_WATER: String(HIGH_WATER / 2),
      GENESYS_RATE_PER_SECOND: '0',
    },
  });
  await system.drained();
  const spoolFolder = join(system.fetchers[0]?.env['SPOOL_DIR'] ?? '', system.names.id, 'default');
  const startMb = await usedMb();
  const outage = { queueMost: 0, redisMostMb: 0, spoolMostBatches: 0, spoolMostMb: 0 };
  await system.faults.elasticsearch.refuse();
  const began = performance.now();
  await system.genesys.addEvents(options.events);
  for (let received = 0; received < options.events; ) {
    await sleep(1_000);
    const summary = await system.genesys.summary();
    received = summary.unique - 500;
    const counts = await system.jobCounts();
    const spool = await sizeOf(spoolFolder);
    options.tell(
      `outage: ${received} received, ${counts['wait'] ?? 0} batches wait, ${spool.batches} spooled`,
    );
    outage.queueMost = Math.max(outage.queueMost, (counts['wait'] ?? 0) + (counts['active'] ?? 0));
    outage.redisMostMb = Math.max(outage.redisMostMb, (await usedMb()) - startMb);
    outage.spoolMostBatches = Math.max(outage.spoolMostBatches, spool.batches);
    outage.spoolMostMb = Math.max(outage.spoolMostMb, spool.mb);
    if (performance.now() - began > 1_800_000) {
      trouble.push(`only ${received} of ${options.events} events were fetched in 30 minutes`);
      break;
    }
  }
  const outageMs = performance.now() - began;
  options.tell(`outage: ${JSON.stringify(outage)}`);
  await system.faults.elasticsearch.heal();
  await system.drained({ withinMs: 1_200_000 }).catch((error: unknown) => void trouble.push(String(error)));
  const drainMs = performance.now() - began - outageMs;
  const tally = await tallyOf(system);
  if (!isSound(tally)) trouble.push(JSON.stringify(tally));
  redis.disconnect();
  return { tally, highWaterBatches: HIGH_WATER, ...outage, outageMs, drainMs, trouble };
}

async function sizeOf(folder: string): Promise<{ batches: number; mb: number }> {
  const names = await readdir(folder).catch(() => []);
  let bytes = 0;
  for (const name of names) bytes += (await stat(join(folder, name)).catch(() => null))?.size ?? 0;
  return { batches: names.length, mb: bytes / 1_048_576 };
}
