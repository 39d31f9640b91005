import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Preload } from '@trunkline/test-kit';

const run = promisify(execFile);
const bytes = 4 * 1024 * 1024;

/** A disk that a test can fill: a small file system in memory, or, where nobody may mount one, a process's idea of it. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string;
  /** For the fetcher whose spool stands on it. */
  readonly settings: Record<string, string>;
  readonly preload: Preload | null;
  /** Leaves no room for a batch. */
  fill(): Promise<void>;
  free(): Promise<void>;
}

export async function smallDisk(): Promise<SmallDisk> {
  const folder = await mkdtemp(path.join(tmpdir(), 'trunkline-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  } catch {
    return imaginedDisk(folder);
  }
  const filler = path.join(folder, 'filler');
  return {
    folder,
    settings: {},
    preload: null,
    fill: async () => {
      // One block stays free: less than a batch, so that it is begun and cannot be finished.
      const { bsize, bavail } = await statfs(folder);
      await writeFile(filler, Buffer.alloc((bavail - 1) * bsize));
    },
    free: () => rm(filler),
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', folder]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function imaginedDisk(folder: string): SmallDisk {
  const mark = `${folder}.full`;
  return {
    folder,
    settings: { TEST_FULL_DISK_FILE: mark },
    preload: 'full-disk',
    fill: () => writeFile(mark, ''),
    free: () => rm(mark),
    [Symbol.asyncDispose]: async () => {
      await rm(mark, { force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
