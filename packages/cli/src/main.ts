#!/usr/bin/env node
import { runCommand } from './frame/program.ts';
import { whoRuns } from './frame/who.ts';

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  in: process.stdin,
  out: process.stdout,
  err: process.stderr,
  user: whoRuns(),
  now: Date.now,
});
