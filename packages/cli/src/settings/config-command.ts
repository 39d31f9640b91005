import { maskedSettings, type Setting, settingsOf } from '@trunkline/service';
import { Command, Option } from 'commander';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';
import { printable, table } from '../terminal/text.ts';
import { problemsOf } from './problems.ts';
import { type ProcessName, processes, processNames } from './processes.ts';
import { settingsSchema } from './settings-schema.ts';

const examples = `
Secrets are shown as ***, and so are passwords within URLs. What is wrong is named on stderr.
Exit codes: 0 all is well; 64 wrong arguments; 78 something is wrong with the configuration.

Examples:
  $ trunkline config
  $ trunkline config --process indexer --json | jq .settings
  $ trunkline config --schema > trunkline-settings.schema.json
`;

/** Where a value comes from. */
type Origin = 'environment' | 'file' | 'default' | 'not set';

interface Row {
  readonly env: string;
  /** As it may be shown; `null`: none. */
  readonly value: string | null;
  readonly from: Origin;
  readonly readBy: readonly ProcessName[];
  readonly meaning: string;
}

export function configCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(new Command('config'), io)
    .description('The settings as the processes would read them from this environment.')
    .addOption(new Option('--process <name>', 'only those of this kind of process').choices(processNames))
    .option('--schema', 'print a JSON Schema of the settings instead', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async (options) => ended(tellSettings(io, options)));
}

function tellSettings(
  io: CommandIo,
  options: { process?: ProcessName; schema: boolean; json: boolean },
): ExitCode {
  const names = options.process === undefined ? processNames : [options.process];
  if (options.schema) {
    io.out.write(`${JSON.stringify(settingsSchema(names), null, 2)}\n`);
    return exitCodes.ok;
  }
  const rows = rowsOf(io.env, names);
  const problems = problemsOf(io.env, names);
  io.out.write(options.json ? `${JSON.stringify({ v: 1, settings: rows, problems })}\n` : textOf(rows));
  if (!options.json) for (const problem of problems) io.err.write(`trunkline: ${problem}\n`);
  return problems.length === 0 ? exitCodes.ok : exitCodes.configuration;
}

function rowsOf(env: NodeJS.ProcessEnv, names: readonly ProcessName[]): Row[] {
  const rows = new Map<string, Row & { readBy: ProcessName[] }>();
  for (const name of names) {
    const { settings } = processes[name];
    const masked = maskedSettings(settings, env);
    for (const setting of settingsOf(settings)) {
      const { env: variable, summary: meaning } = setting;
      const value = masked[variable] ?? null;
      const row = rows.get(variable) ?? {
        env: variable,
        value,
        from: originOf(setting, env),
        readBy: [],
        meaning,
      };
      row.readBy.push(name);
      rows.set(variable, row);
    }
  }
  return [...rows.values()];
}

function originOf(setting: Setting<unknown>, env: NodeJS.ProcessEnv): Origin {
  if (env[setting.env]) return 'environment';
  if (setting.secret && env[`${setting.env}_FILE`]) return 'file';
  return setting.default === undefined ? 'not set' : 'default';
}

function textOf(rows: readonly Row[]): string {
  const head = ['SETTING', 'VALUE', 'FROM'];
  return `${table([head, ...rows.map(({ env, value, from }) => [env, value === null ? '-' : printable(value, 100), from])])}\n`;
}
