import { loadSettings } from '@trunkline/service';
import { Command } from 'commander';
import { byValue, type PersonOptions, personNamed, tokenOfPerson } from '../archive/person.ts';
import { personSettings } from '../config.ts';
import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import type { CommandIo } from '../frame/io.ts';
import { ofOrganisation } from '../frame/of-organisation.ts';

const examples = `
The token is what redactors write in the place of the value; it leads to no value back. Give the value on standard input (-): on the
command line it is seen by others on this machine, and kept in the shell's history. TOKENIZATION_KEY, TOKENIZATION_KEY_ID,
REDACTION_MODE, REDACTION_REGION and REDACTION_TOKEN_HEX have to be those of the redactors.
Exit codes: 0 printed; 64 wrong arguments, or the value is not recognised; 78 wrong configuration.

Examples:
  $ trunkline token --phone - < number.txt
  $ printf '%s' "$ADDRESS" | trunkline token --email -
  $ trunkline token --iban - --json < iban.txt | jq -r .token
`;

export function tokenCommand(io: CommandIo, ended: (code: ExitCode) => void): Command {
  return ofOrganisation(byValue(new Command('token')), io)
    .description('Print the token that stands for a value in the archive.')
    .option('--json', 'print JSON', false)
    .addHelpText('after', examples)
    .action(async (options: PersonOptions & { json: boolean }) => {
      const named = personNamed(options, '--phone, --email, --ssn, --card or --iban');
      const config = loadSettings(personSettings, io.env);
      const token = await tokenOfPerson(named, config, io);
      const { keyId } = config.tokens;
      io.out.write(options.json ? `${JSON.stringify({ v: 1, token, keyId })}\n` : `${token}\n`);
      ended(exitCodes.ok);
    });
}
