import { mkdir, open, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const heartbeatMs = 5_000;
/** A lock whose holder has not touched it for this long has lost its holder. */
const staleMs = 30_000;

/**
 * Runs `work` while holding a lock file, so that processes that want the same thing wait for one another.
 *
 * The lock only saves double work. It may be lost (a holder that is paused for long): whoever uses it makes its
 * result appear by one atomic rename, which stays right with two holders.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(path.dirname(file), { recursive: true });
  while (!(await take(file))) {
    onWait?.();
    await sleep(250);
  }
  const beat = setInterval(() => {
    const now = new Date();
    // A lock that was taken away as stale: the work goes on, see above.
    utimes(file, now, now).catch(() => {});
  }, heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(file, { force: true });
  }
}

async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const seen = await stat(file).catch(() => null);
  if (seen !== null && Date.now() - seen.mtimeMs > staleMs) await rm(file, { force: true });
  return false;
}
