import { Command } from 'commander';
import type { ExitCode } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { tellOfPayloadKey } from './payload-key.ts';
import { tellOfTokenizationKey } from './tokenization-key.ts';

const payloadExamples = `
Nothing is changed: it tells which keys are set, by an id that gives nothing of them away, what still needs an old one, and the next step.
Exit codes: 0 told; 1 something was sealed with a key that is not set any more; 2 not completed; 64, 78 as everywhere.

Examples:
  $ trunkline rotate-key payload
  $ trunkline rotate-key payload --json | jq .deadLetters
`;

const tokenizationExamples = `
Nothing is changed: a new key makes other tokens for the same people, so the steps are worth reading before.
Exit codes: 0 told; 64, 78 as everywhere.

Examples:
  $ trunkline rotate-key tokenization
  $ trunkline rotate-key tokenization --json
`;

export function rotateKeyCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return new Command('rotate-key')
    .description('How a key is replaced by a new one, and what still needs the old one.')
    .addCommand(
      new Command('payload')
        .description('PAYLOAD_KEY, which seals what waits: payloads, spool, stage, bodies of dead letters.')
        .option('--json', 'print JSON', false)
        .addHelpText('after', payloadExamples)
        .action(async (options) => ended(await tellOfPayloadKey(io, options))),
    )
    .addCommand(
      new Command('tokenization')
        .description('TOKENIZATION_KEY, which makes the tokens and the key of the compliance chain.')
        .option('--json', 'print JSON', false)
        .addHelpText('after', tokenizationExamples)
        .action((options) => ended(tellOfTokenizationKey(io, options))),
    );
}
