import { TrunklineError } from '@trunkline/contracts';
import { describeError, loadSettings, version } from '@trunkline/service';
import { Command, CommanderError } from 'commander';
import { archiveCommand } from '../archive/command.ts';
import { backfillCommand } from '../backfill/command.ts';
import { checkCommand } from '../check/command.ts';
import { completionCommand } from '../completion/command.ts';
import { commandLineSettings } from '../config.ts';
import { deadLettersCommand } from '../dead-letters/command.ts';
import { pauseCommand, resumeCommand, retryCommand } from '../queues/command.ts';
import { reconcileCommand } from '../reconcile/command.ts';
import { rotateKeyCommand } from '../rotate-key/command.ts';
import { configCommand } from '../settings/config-command.ts';
import { statusCommand, streamsCommand } from '../status/command.ts';
import { tokenCommand } from '../token/command.ts';
import { verifyCommand } from '../verify/command.ts';
import { type ExitCode, exitCodeOf, exitCodes, UsageError } from './exit-codes.ts';
import type { CommandIo } from './io.ts';

/**
 * Runs one command: data on stdout, everything else on stderr.
 * @param args without the names of program and script
 * @returns the exit code; never throws
 */
export async function runCommand(
  args: readonly string[],
  from: Omit<CommandIo, 'organisation'>,
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const io: CommandIo = { ...from, organisation: null };
  const program = programOf(io, (ended) => {
    code = ended;
  });
  try {
    io.user = loadSettings(commandLineSettings, io.env).operator ?? io.user;
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return tell(error, io);
  }
}

export function programOf(io: CommandIo, ended: (code: ExitCode) => void): Command {
  const program: Command = new Command('trunkline')
    .description("Trunkline's command line. Settings come from the environment, as for the processes.")
    .version(version)
    .addCommand(checkCommand(io, ended))
    .addCommand(statusCommand(io, ended))
    .addCommand(streamsCommand(io, ended))
    .addCommand(reconcileCommand(io, ended))
    .addCommand(backfillCommand(io, ended))
    .addCommand(verifyCommand(io, ended))
    .addCommand(archiveCommand(io, ended))
    .addCommand(deadLettersCommand(io, ended))
    .addCommand(retryCommand(io, ended))
    .addCommand(pauseCommand(io, ended))
    .addCommand(resumeCommand(io, ended))
    .addCommand(tokenCommand(io, ended))
    .addCommand(rotateKeyCommand(io, ended))
    .addCommand(configCommand(io, ended))
    .addCommand(completionCommand(io, ended, () => program))
    .addHelpText(
      'after',
      '\nExit codes: 0 all well; 1 something was found; 2 not completed; 64 wrong arguments; 78 wrong configuration.',
    );
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void io.out.write(text),
        writeErr: (text) => void io.err.write(text),
      })
      .showHelpAfterError('(--help tells more)');
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap((sub) => withSubcommands(sub))];
}

function tell(error: unknown, io: CommandIo): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has written its message; help and version end here too.
    const isHelp = error.exitCode === 0 || error.code === 'commander.help';
    return isHelp ? exitCodes.ok : exitCodes.usage;
  }
  if (error instanceof TrunklineError || error instanceof UsageError) {
    io.err.write(`trunkline: ${error.message}\n`);
    return exitCodeOf(error);
  }
  // Foreign text may quote what it choked on.
  const { name, code, message, frames } = describeError(error);
  const what = message ?? `unforeseen error ${name}${code === null ? '' : ` (${code})`}`;
  io.err.write(`trunkline: ${what}\n${frames.join('\n')}\n`);
  return exitCodes.incomplete;
}
