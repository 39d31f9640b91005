/** For tests: a process that ignores SIGTERM and starts another of its kind. Says on stdout who they are. */
import { spawn } from 'node:child_process';

process.on('SIGTERM', () => {});
if (process.argv[2] === 'child') {
  process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);
} else {
  spawn(process.execPath, [import.meta.filename, 'child'], { stdio: 'inherit' });
  process.stdout.write(`${JSON.stringify({ pid: process.pid })}\n`);
}
setInterval(() => {}, 60_000);
