import { Command } from 'commander';
import { openRedis } from '../frame/connect-redis.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';
import { Progress } from '../terminal/progress.ts';
import { allProbes } from './all-probes.ts';
import { checkText } from './report.ts';
import { runProbes } from './run-probes.ts';

/** Redis is here or it is not (ms). */
const redisPatienceMs = 5_000;

const examples = `
Everything is tried with the settings of this environment, which should be that of the processes: their configuration, Redis,
Genesys (a login, and a cheap call for each permission), Elasticsearch (privileges, template, alias, health), the bucket (its rules, and
an object that is stored, read and deleted), the stage, the keys, the webhook's address, and the clocks. Nothing else is written.
Exit codes: 0 nothing is wrong; 1 something is, and is named with its remedy; 64 wrong arguments.

Examples:
  $ trunkline check
  $ trunkline check --organisation acme_eu
  $ trunkline check --json | jq '.results[] | select(.kind == "wrong")'
`;

export function checkCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(new Command('check'), io)
    .description('Try every address, credential, permission and setting before events are at stake.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async ({ json }: { json: boolean }) => ended(await check(io, json)));
}

async function check(io: CommandIo, json: boolean): Promise<ExitCode> {
  using progress = new Progress(io.err, io.now);
  await using opened = new AsyncDisposableStack();
  const probes = allProbes({
    env: io.env,
    now: io.now,
    opened,
    // What it says of a Redis that is away stands in the table.
    openRedis: async (settings) => opened.use(await openRedis(settings, { note: () => {} }, redisPatienceMs)),
  });
  const results = await runProbes(probes, ({ name }, done) =>
    progress.at({ what: 'Trying', share: done / probes.length, detail: name }),
  );
  progress[Symbol.dispose]();
  io.out.write(json ? `${JSON.stringify({ v: 1, results })}\n` : checkText(results));
  return results.some(({ kind }) => kind === 'wrong') ? exitCodes.findings : exitCodes.ok;
}
