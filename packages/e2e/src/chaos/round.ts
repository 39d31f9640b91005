import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment, Faults, System } from '@trunkline/test-kit';
import type { ChaosFault } from './faults.ts';
import type { SeededRandom } from './random.ts';

export interface RoundOutcome {
  /** Names of the faults that struck, in the order of their beginning. */
  struck: string[];
  /** Of the whole round, load and drain. */
  durationMs: number;
}

/**
 * One round: events flow, each fault strikes at a random moment of its own (so several overlap), all heals, the stream ends,
 * and everything that was served is settled.
 *
 * The round is repeatable by its seed as far as kills and processors allow. It only drains: the caller judges.
 * @throws Error where the system does not drain
 */
export async function runRound(
  system: System,
  faults: readonly ChaosFault[],
  random: SeededRandom,
  options: { rate?: number; spreadMs?: number } = {},
): Promise<RoundOutcome> {
  const { rate = 200, spreadMs = 4_000 } = options;
  const begin = performance.now();
  await system.genesys.changeStream({ rate });
  const struck = await strikeAtRandom(system, faults, random, spreadMs);
  await healEverything(system);
  await system.genesys.changeStream({ rate: 0 });
  await system.drained({ withinMs: 600_000 });
  return { struck, durationMs: performance.now() - begin };
}

/** @returns the names of the faults, in the order of their beginning */
export async function strikeAtRandom<Struck>(
  system: Struck,
  faults: readonly ChaosFault<Struck>[],
  random: SeededRandom,
  spreadMs: number,
): Promise<string[]> {
  const struck: string[] = [];
  // Drawn before anything waits: the seed alone decides them.
  const plan = faults.map((fault) => ({ fault, atMs: random.between(300, spreadMs) }));
  await Promise.all(
    plan.map(async ({ fault, atMs }) => {
      await sleep(atMs);
      struck.push(fault.name);
      await fault.strike(system, random);
    }),
  );
  return struck;
}

export async function healEverything(system: Deployment<Faults>): Promise<void> {
  for (const proxy of Object.values(system.faults)) await proxy.heal();
  await system.genesys.clearFaults();
}
