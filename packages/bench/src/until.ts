import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits for a state, looking again and again.
 * @param what as in "... is ready"
 * @throws Error when it takes longer than `limitMs`; what `holds` throws
 */
export async function until(
  what: string,
  holds: () => Promise<boolean>,
  { everyMs = 100, limitMs = 600_000 }: { everyMs?: number; limitMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${limitMs / 1000} s in vain until ${what}.`);
    await sleep(everyMs);
  }
}
