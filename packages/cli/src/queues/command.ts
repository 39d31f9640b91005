import { queueNames } from '@trunkline/contracts';
import { Argument, Command } from 'commander';
import type { ExitCode } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { setPaused } from './pause.ts';
import { retryFailed } from './retry.ts';

const retryExamples = `
Mend the cause first. Dead letters are queued again by \`dead-letters requeue\` and \`archive dead-letters requeue\`.
Exit codes: 0 done, also where none failed; 1 the job is not there, or did not stand failed; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline retry archive-fetch --all
  $ trunkline retry archive-fetch --code ARCHIVE_DIGEST_MISMATCH
  $ trunkline retry archive-upload --job b00001-3f2a --json
`;

const pauseExamples = `
Jobs under way are finished, the others wait; nothing is lost. A paused queue is told of by \`status\` until it is resumed. Of
audit-index: batches pile up, then the spool does, and the replay window at Genesys goes on closing.
Exit codes: 0 done, also where it was so before; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline pause archive-notify
  $ trunkline resume archive-notify
`;

const queueArgument = (): Argument => new Argument('<queue>', 'which one').choices(queueNames);

export function retryCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return new Command('retry')
    .description('Have failed jobs of a queue run again.')
    .addArgument(queueArgument())
    .option('--job <id>', 'the one with this id')
    .option('--code <code>', 'all that failed with this error code')
    .option('--all', 'all that failed', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', retryExamples)
    .action(async (queue, options) => ended(await retryFailed(io, queue, options)));
}

export function pauseCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return pausing('pause', 'Have no further job of a queue begun.', async (queue, options) =>
    ended(await setPaused(io, queue, true, options)),
  );
}

export function resumeCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return pausing('resume', 'Have the jobs of a paused queue go on.', async (queue, options) =>
    ended(await setPaused(io, queue, false, options)),
  );
}

function pausing(name: string, description: string, action: Parameters<Command['action']>[0]): Command {
  return new Command(name)
    .description(description)
    .addArgument(queueArgument())
    .option('--json', 'print JSON', false)
    .addHelpText('after', pauseExamples)
    .action(action);
}
