import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { System } from '@trunkline/test-kit';
import { chaosFaults, impatient } from '../chaos/faults.ts';
import { SeededRandom } from '../chaos/random.ts';
import { healEverything } from '../chaos/round.ts';
import { isSound, type Tally, tallyOf } from './tally.ts';

export interface Steady {
  tally: Tally;
  struck: Map<string, number>;
  durationMs: number;
  rate: number;
  /** Resident memory by process, MB: median of the second and of the last quarter of the run. */
  memory: { process: string; early: number; late: number }[];
  trouble: string[];
}

const FAULT_EVERY_MS = 5_000;

/**
 * All but the rejected cursor: it makes the whole replay window be read again, by contract, and every few minutes that would
 * leave no time for anything else. The rounds have it.
 */
const faults = chaosFaults.guide.filter(({ name }) => name !== 'Genesys: expired-cursor');

/** Events at a steady rate, a random fault every five seconds, then calm; everything must be there, memory flat. */
export async function runSteady(
  addresses: { redisUrl: string; elasticsearchUrl: string },
  options: { forMs: number; rate: number; seed: number; tell: (line: string) => void },
): Promise<Steady> {
  const random = new SeededRandom(options.seed + 1);
  const begin = performance.now();
  const struck = new Map<string, number>();
  const trouble: string[] = [];
  const samples: { atMs: number; process: string; mb: number }[] = [];
  await using system = await System.start({
    ...addresses,
    fetchers: 2,
    indexers: 2,
    simulator: { backlog: 500 },
    settings: impatient,
  });
  await system.genesys.changeStream({ rate: options.rate });
  const striking = new Set<Promise<void>>();
  while (performance.now() - begin < options.forMs) {
    const fault = random.pick(faults);
    struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
    const strike = fault
      .strike(system, random)
      .catch((error: unknown) => void trouble.push(`${fault.name}: ${String(error)}`))
      .finally(() => striking.delete(strike));
    striking.add(strike);
    await sleep(FAULT_EVERY_MS);
    samples.push(...(await residentMemory(system, performance.now() - begin)));
    const minutes = Math.floor((performance.now() - begin) / 60_000);
    if (samples.length % 60 < 4)
      options.tell(`steady: ${minutes} min, ${await system.indexedCount()} indexed`);
  }
  await Promise.all(striking);
  await healEverything(system);
  for (const process of system.processes) if (!process.running) await process.start();
  await system.genesys.changeStream({ rate: 0 });
  await system.drained({ withinMs: 600_000 }).catch((error: unknown) => void trouble.push(String(error)));
  const tally = await tallyOf(system);
  if (!isSound(tally)) trouble.push(JSON.stringify(tally));
  const durationMs = performance.now() - begin;
  return { tally, struck, durationMs, rate: options.rate, memory: quarters(samples, options.forMs), trouble };
}

async function residentMemory(
  system: System,
  atMs: number,
): Promise<{ atMs: number; process: string; mb: number }[]> {
  const found: { atMs: number; process: string; mb: number }[] = [];
  for (const process of system.processes) {
    if (!process.running) continue;
    const status = await readFile(`/proc/${process.pid}/status`, 'utf8').catch(() => '');
    const kb = /VmRSS:\s+(\d+)/.exec(status)?.[1];
    if (kb !== undefined) found.push({ atMs, process: process.name, mb: Number(kb) / 1_024 });
  }
  return found;
}

function quarters(
  samples: readonly { atMs: number; process: string; mb: number }[],
  forMs: number,
): Steady['memory'] {
  const names = [...new Set(samples.map(({ process }) => process))].sort();
  return names.map((process) => {
    const own = samples.filter((sample) => sample.process === process);
    const within = (from: number, to: number): number =>
      median(own.filter(({ atMs }) => atMs >= forMs * from && atMs < forMs * to).map(({ mb }) => mb));
    return { process, early: within(0.25, 0.5), late: within(0.75, 1.01) };
  });
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
