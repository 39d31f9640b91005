/** Prints the hash of the password on stdin, for DASHBOARD_USERS. */
import { text } from 'node:stream/consumers';
import { hashPassword, maxPasswordBytes } from './access/password.ts';

if (process.stdin.isTTY)
  process.stderr.write('Type the password, then Enter and Ctrl-D (it is shown as you type):\n');
const password = (await text(process.stdin)).replace(/\r?\n$/, '');
const bytes = Buffer.byteLength(password);
if (bytes < 12 || bytes > maxPasswordBytes) {
  process.stderr.write(`A password has 12 to ${maxPasswordBytes} bytes; this one has ${bytes}.\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${await hashPassword(password)}\n`);
}
