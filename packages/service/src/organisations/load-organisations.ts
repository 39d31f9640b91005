import { z } from 'zod';
import { optionalSetting, SettingsProblems } from '../settings/setting.ts';
import { Organisations } from './organisations.ts';
import type { ListedOrganisation } from './organisations-file.ts';

/** Where the organisations of a deployment are listed. */
export const organisationsSettings = {
  file: optionalSetting({
    env: 'ORGANISATIONS_FILE',
    schema: z.string(),
    summary:
      'YAML or JSON file that lists several organisations, in place of the variables of a single one; the same for all processes',
  }),
} as const;

/**
 * Reads the settings of each organisation of a deployment, as those of a single one are read: from the environment, with what the
 * file says of the organisation in place of it.
 *
 * @param load reads the settings of a process from an environment
 * @throws TrunklineError CONFIG_INVALID that names every problem of all of them, those of the file by their path in it
 */
export async function loadForOrganisations<T>(
  env: NodeJS.ProcessEnv,
  load: (env: NodeJS.ProcessEnv) => T,
): Promise<Organisations<T>> {
  const listed = await listedOrganisations(env);
  if (listed === null) return new Organisations(new Map([[null, load(env)]]));
  const problems: string[] = [];
  const each = new Map<string, T>();
  for (const organisation of listed) {
    try {
      each.set(organisation.id, load(organisation.env));
    } catch (error) {
      if (!(error instanceof SettingsProblems)) throw error;
      problems.push(...error.problems.map((problem) => inWordsOfTheFile(problem, organisation)));
    }
  }
  // What the environment lacks is lacking for each of them.
  if (problems.length > 0) throw new SettingsProblems([...new Set(problems)]);
  return new Organisations(each);
}

/**
 * The environment of one organisation, for a command about it.
 * @param id as asked for; `undefined`: the only one
 * @returns `{ known }` where none is meant: the ids of which one has to be named
 * @throws TrunklineError CONFIG_INVALID
 */
export async function organisationEnv(
  env: NodeJS.ProcessEnv,
  id: string | undefined,
): Promise<{ id: string | null; env: NodeJS.ProcessEnv } | { known: string[] }> {
  const listed = await listedOrganisations(env);
  if (listed === null) return id === undefined ? { id: null, env } : { known: [] };
  const meant = id === undefined && listed.length === 1 ? listed[0] : listed.find((one) => one.id === id);
  return meant === undefined ? { known: listed.map((one) => one.id) } : { id: meant.id, env: meant.env };
}

/** The reader, and with it a parser of YAML, is loaded only where there is a file. */
async function listedOrganisations(env: NodeJS.ProcessEnv): Promise<ListedOrganisation[] | null> {
  const file = env[organisationsSettings.file.env];
  if (!file) return null;
  const { readOrganisationsFile } = await import('./organisations-file.ts');
  return readOrganisationsFile(file, env);
}

function inWordsOfTheFile(problem: string, { pathOf }: ListedOrganisation): string {
  return problem.replaceAll(/\b[A-Z][A-Z0-9_]+\b/g, (name) => pathOf.get(name) ?? name);
}
