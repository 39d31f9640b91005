import { organisationEnv } from '@trunkline/service';
import type { Command } from 'commander';
import { printable } from '../terminal/text.ts';
import { UsageError } from './exit-codes.ts';
import type { CommandIo } from './io.ts';

/** Lets a command be about one of several organisations: it finds the settings of that one in `io`. */
export function ofOrganisation(command: Command, io: CommandIo): Command {
  return command
    .option('--organisation <id>', 'which one, where ORGANISATIONS_FILE lists several')
    .hook('preAction', async (asked) => {
      const { organisation } = asked.opts<{ organisation?: string }>();
      Object.assign(io, await chosen(io.env, organisation));
    });
}

/** @throws UsageError where it is not said which one is meant */
async function chosen(
  env: NodeJS.ProcessEnv,
  id: string | undefined,
): Promise<Pick<CommandIo, 'env' | 'organisation'>> {
  const found = await organisationEnv(env, id);
  if ('env' in found) return { env: found.env, organisation: found.id };
  if (found.known.length === 0) {
    throw new UsageError(
      '--organisation has no meaning without ORGANISATIONS_FILE, which lists organisations.',
    );
  }
  const known = found.known.join(', ');
  throw new UsageError(
    id === undefined
      ? `--organisation must be one of ${known}.`
      : `There is no organisation ${printable(id)}: ${known}.`,
  );
}
