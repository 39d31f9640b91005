/**
 * Loaded into a process before its own code (`--import`): on SIGUSR2 its event loop is blocked, as by a calculation that does
 * not end, for as long as the file TEST_BLOCK_FILE stands. It is answered by a file of that name and `.blocked`.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';

const file = process.env['TEST_BLOCK_FILE'] ?? '';
const nobody = new Int32Array(new SharedArrayBuffer(4));

process.on('SIGUSR2', () => {
  writeFileSync(`${file}.blocked`, '');
  while (existsSync(file)) Atomics.wait(nobody, 0, 0, 50);
  rmSync(`${file}.blocked`);
});
