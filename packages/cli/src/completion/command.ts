import { Argument, Command } from 'commander';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { offersOf } from './offers.ts';
import { bashScript, zshScript } from './scripts.ts';

const scripts = { bash: bashScript, zsh: zshScript } as const;
type Shell = keyof typeof scripts;

const examples = `
Exit codes: 0 printed; 64 wrong arguments.

Examples:
  $ source <(trunkline completion bash)
  $ trunkline completion zsh > "\${fpath[1]}/_trunkline"
`;

/** @param whole gives the command that all others belong to */
export function completionCommand(
  io: CommandIo,
  ended: (code: ExitCode) => void,
  whole: () => Command,
): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and queues in a shell.')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(scripts)))
    .addHelpText('after', examples)
    .action((shell: Shell) => {
      io.out.write(scripts[shell](offersOf(whole())));
      ended(exitCodes.ok);
    });
}
