/**
 * Loaded into a process before its own code (`--import`), where this machine lets nobody mount a small disk: while the file
 * TEST_FULL_DISK_FILE stands, a file that is written below SPOOL_DIR gets its first half, then ENOSPC.
 */
import { existsSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const folder = process.env['SPOOL_DIR'] ?? '';
const file = process.env['TEST_FULL_DISK_FILE'] ?? '';
const { open } = promises;

promises.open = async (path, ...how) => {
  const opened = await open(path, ...how);
  if (!String(path).startsWith(folder) || !existsSync(file)) return opened;
  const write = opened.writeFile.bind(opened);
  opened.writeFile = async (data) => {
    if (data instanceof Uint8Array) await write(data.subarray(0, data.length >> 1));
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  };
  return opened;
};
syncBuiltinESMExports();
