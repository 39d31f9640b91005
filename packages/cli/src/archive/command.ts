import { Command } from 'commander';
import type { ExitCode } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';
import {
  discardArchiveLetters,
  listArchiveLetters,
  requeueArchiveLetters,
  showArchiveLetter,
} from './dead-letters.ts';
import { eraseFromArchive } from './erase.ts';
import { findConversations } from './find.ts';
import { getConversation } from './get.ts';
import { byValue } from './person.ts';
import { askAboutWindow } from './window-act.ts';

const getExamples = `
Every byte that leads to the answer is compared with the digests of the manifest. Without a range every window is searched, the
oldest first.
Exit codes: 0 printed; 1 there is no such conversation; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive get 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69
  $ trunkline archive get 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69 --from 2026-11-21 --to 2026-11-22 | jq .
`;

const findExamples = `
The token is computed from the value with TOKENIZATION_KEY; no conversation is read. Give the value on standard input (-): on the
command line it is seen by others on this machine, and kept in the shell's history.
Settings that tokens are made by have to be those of the redactors: TOKENIZATION_KEY, TOKENIZATION_KEY_ID, REDACTION_MODE,
REDACTION_REGION, REDACTION_TOKEN_HEX. After a change of key, search once with each.
Exit codes: 0 found; 1 nothing found; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive find --phone - < number.txt
  $ trunkline archive find --ssn --json | jq -r '.conversations[].id'
  $ trunkline archive find --token PHONE-b546248d1e870f00 --from 2026-11-01 --to 2026-12-01
`;

const eraseExamples = `
The objects are stored anew without the conversations, the old ones are deleted with all their versions, and each erasure goes on
the compliance record; the reason stands there for good, so it holds no personal data. Object Lock and legal holds are respected:
what they keep stays, which is on record too. The same call after a failure finishes what was begun.
Exit codes: 0 erased; 1 some are locked or not in the archive; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive erase 5f2c7a9e-0c1d-4b57-8a34-1e2d3c4b5a69 --reason "request 2026-117"
  $ trunkline archive erase --phone - --reason "request 2026-118" --yes < number.txt
`;

const releaseExamples = `
A window is held back while Genesys does not give a text that belongs to a conversation (trunkline status tells which windows, since
when and why). Released, it goes on without what does not come, whatever the cause: each text is named in its document (missingTexts),
counted in the manifest, and told with the reason on the compliance record, where it stands for good, so name no person. By itself a
window goes on after ARCHIVE_TEXT_WAIT_SECONDS. A fetcher has to run.
Exit codes: 0 released; 1 there is nothing to release; 2 not done yet; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive release BATCH_20261121 --reason "transcription was off that day, ticket 4711"
`;

const againExamples = `
Fetches an archived window, of which texts are missing, from Genesys once more, and archives what is there now in its place: another
generation of its objects, a new revision of its manifest, a record of its own. Erased conversations stay erased. Until the new one is
stored the old one stands. A fetcher has to run.
Exit codes: 0 queued; 1 not archived, or nothing is missing; 2 not done yet; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive again BATCH_20261121 --reason "transcripts were made since"
`;

const letterExamples = `
Exit codes: 0 done; 1 some are not there; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive dead-letters list
  $ trunkline archive dead-letters list --code ARCHIVE_CONVERSATION_UNREDACTABLE --json
  $ trunkline archive dead-letters show BATCH_20261121-0a1b2c3d4e5f-b00001-17 --reveal > conversation.json
  $ trunkline archive dead-letters requeue --all
`;

const discardExamples = `
Reason, user and time go on the compliance record first, where they stand for good: the reason holds no personal data. Then what was
said is deleted from the stage. Asks before it does so; --yes answers.
Exit codes: 0 done; 1 some are not there; 2 not completed; 64 wrong arguments; 78 wrong configuration.

Examples:
  $ trunkline archive dead-letters discard --id BATCH_20261121-0a1b2c3d4e5f-b00001-17 --reason "test call, ticket 4711"
  $ trunkline archive dead-letters discard --code ARCHIVE_CONVERSATION_MALFORMED --reason "vendor's test data" --yes --json
`;

export function archiveCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return new Command('archive')
    .description(
      'Archived conversations: read one back, find those of a person, erase, look after dead letters and after texts that do not come.',
    )
    .addCommand(getCommand(io, ended))
    .addCommand(findCommand(io, ended))
    .addCommand(eraseCommand(io, ended))
    .addCommand(releaseCommand(io, ended))
    .addCommand(againCommand(io, ended))
    .addCommand(deadLettersOfArchive(io, ended));
}

function getCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(inRange(new Command('get')), io)
    .description('Print one conversation as it is stored: redacted.')
    .argument('<id>', 'id of the conversation')
    .option('--json', 'print JSON: where it lies, and the conversation', false)
    .addHelpText('after', getExamples)
    .action(async (id: string, options) => ended(await getConversation(io, id, options)));
}

function findCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(inRange(byPerson(new Command('find'))), io)
    .description('Find the conversations of a person, by the token that stands for one of their values.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', findExamples)
    .action(async (options) => ended(await findConversations(io, options)));
}

function eraseCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(inRange(byPerson(new Command('erase'))), io)
    .description('Take conversations out of the archive for good.')
    .argument('[ids...]', 'ids of the conversations')
    .requiredOption('--reason <text>', 'why, without personal data; kept on the compliance record')
    .option('--yes', 'do not ask', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', eraseExamples)
    .action(async (ids: string[], options) => ended(await eraseFromArchive(io, ids, options)));
}

function releaseCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return aboutWindow(new Command('release'))
    .description('Have a window that is held back go on without the texts that Genesys does not give.')
    .addHelpText('after', releaseExamples)
    .action(async (id: string, options) => ended(await askAboutWindow(io, 'release', id, options)));
}

function againCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return aboutWindow(new Command('again'))
    .description('Have an archived window of which texts are missing fetched once more.')
    .addHelpText('after', againExamples)
    .action(async (id: string, options) => ended(await askAboutWindow(io, 'again', id, options)));
}

/** Its id names the organisation, too. */
function aboutWindow(command: Command): Command {
  return command
    .argument('<window>', 'id of the window')
    .requiredOption('--reason <text>', 'why, without personal data; kept on the compliance record')
    .option('--json', 'print JSON', false);
}

function inRange(command: Command): Command {
  return command
    .option('--from <time>', 'only windows from this time on, ISO 8601 (with --to)')
    .option('--to <time>', 'only windows before this time');
}

function byPerson(command: Command): Command {
  return byValue(command).option('--token <token>', 'a token as it stands in the archive');
}

function deadLettersOfArchive(io: CommandIo, ended: (code: ExitCode) => void): Command {
  const list = new Command('list')
    .description('Conversations that could not be redacted, without any value of theirs.')
    .option('--code <code>', 'only those with this error code')
    .option('--window <id>', 'only those of this window')
    .option('--limit <n>', 'at most so many; 0 = all', '100')
    .option('--json', 'print JSON', false)
    .addHelpText('after', letterExamples)
    .action(async (options) => ended(await listArchiveLetters(io, options)));
  const show = new Command('show')
    .description('One of them: why it is one, and how large.')
    .argument('<id>', 'id of the dead letter')
    .option(
      '--reveal',
      'print the conversation on stdout, NOT redacted; the access is logged on stderr',
      false,
    )
    .option('--json', 'print JSON', false)
    .addHelpText('after', letterExamples)
    .action(async (id: string, options) => ended(await showArchiveLetter(io, id, options)));
  const requeue = new Command('requeue')
    .description('Have them redacted again; a redactor has to run.')
    .option('--id <id...>', 'those named')
    .option('--code <code>', 'all that wait with this error code')
    .option('--all', 'all that wait', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', letterExamples)
    .action(async (options) => ended(await requeueArchiveLetters(io, options)));
  const discard = new Command('discard')
    .description('Decide that they are not to be archived; their text is deleted.')
    .requiredOption('--reason <text>', 'why, without personal data; kept on the compliance record')
    .option('--id <id...>', 'those named')
    .option('--code <code>', 'all that wait with this error code')
    .option('--yes', 'do not ask', false)
    .option('--json', 'print JSON', false)
    .addHelpText('after', discardExamples)
    .action(async (options) => ended(await discardArchiveLetters(io, options)));
  return new Command('dead-letters')
    .description(
      'Conversations that could not be redacted: look at them, have them redacted again, or discard them.',
    )
    .addCommand(list)
    .addCommand(show)
    .addCommand(requeue)
    .addCommand(discard);
}
