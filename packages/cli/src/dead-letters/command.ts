import { Command } from 'commander';
import type { ExitCode } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { discardLetters, requeueLetters } from './decide.ts';
import { listLetters } from './list.ts';
import { showLetter } from './show.ts';

const listExamples = `
Exit codes: 0 done; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline dead-letters list
  $ trunkline dead-letters list --code AUDIT_EVENT_REFUSED --field ipAddress
  $ trunkline dead-letters list --status all --limit 1000 --json
`;

const showExamples = `
Without --reveal no value of the event is shown, only its fields with their types and sizes.
Exit codes: 0 done; 1 there is no such dead letter; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline dead-letters show 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69
  $ trunkline dead-letters show 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69 --reveal > event.json
`;

const requeueExamples = `
Mend the cause first (the mapping, the limit): an event that is refused again is a dead letter again.
It works on the index: entries that are gone from the queue are made anew. An indexer has to run.
Exit codes: 0 done; 1 some are not there or were dealt with before; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline dead-letters requeue --id 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69
  $ trunkline dead-letters requeue --code AUDIT_EVENT_REFUSED
  $ trunkline dead-letters requeue --all
`;

const discardExamples = `
Reason, user and time are kept with the dead letter, and so is its body.
Exit codes: 0 done; 1 some are not there or were dealt with before; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline dead-letters discard --id 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69 --reason "sent twice, ticket 4711"
  $ trunkline dead-letters discard --code AUDIT_EVENT_MALFORMED --reason "test events of the vendor"
`;

export function deadLettersCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  const list = new Command('list')
    .description('Dead letters, the oldest first, without any value of their events.')
    .option('--status <status>', 'open, requeued, discarded or all', 'open')
    .option('--code <code>', 'only those with this error code')
    .option('--field <name>', 'only those refused for this field')
    .option('--stream <id>', 'only those of this stream')
    .option('--limit <n>', 'at most so many; 0 = all', '100')
    .option('--json', 'print JSON', false)
    .addHelpText('after', listExamples)
    .action(async (options) => ended(await listLetters(io, options)));
  const show = new Command('show')
    .description('One dead letter: why it is one, and the shape of its event.')
    .argument('<id>', 'id of the dead letter')
    .option('--reveal', "print the event's source text on stdout; the access is logged on stderr", false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', showExamples)
    .action(async (id: string, options) => ended(await showLetter(io, id, options)));
  const requeue = new Command('requeue')
    .description('Have dead letters indexed again.')
    .option('--id <id...>', 'those named')
    .option('--code <code>', 'all open ones with this error code')
    .option('--all', 'all open ones', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', requeueExamples)
    .action(async (options) => ended(await requeueLetters(io, options)));
  const discard = new Command('discard')
    .description('Decide that dead letters are not to be indexed.')
    .requiredOption('--reason <text>', 'why; kept with the dead letter')
    .option('--id <id...>', 'those named')
    .option('--code <code>', 'all open ones with this error code')
    .option('--json', 'print JSON', false)
    .addHelpText('after', discardExamples)
    .action(async (options) => ended(await discardLetters(io, options)));
  return new Command('dead-letters')
    .description('Events that could not be indexed: look at them, have them indexed again, or discard them.')
    .addCommand(list)
    .addCommand(show)
    .addCommand(requeue)
    .addCommand(discard);
}
