import { readFileSync } from 'node:fs';
import { organisationId } from '@trunkline/contracts';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { SettingsProblems } from '../settings/setting.ts';
import {
  membersOfTheirOwn,
  membersShape,
  organisationMembers,
  organisationPaths,
  textsOf,
} from './organisation-members.ts';

/** An organisation of the file, as the environment that it stands for. */
export interface ListedOrganisation {
  id: string;
  env: NodeJS.ProcessEnv;
  /** Where the file says what a variable holds, for messages: `organisations[0].audit.indexPrefix`. */
  pathOf: ReadonlyMap<string, string>;
}

const secret = z.union(
  [z.strictObject({ env: z.string().regex(/^\w+$/) }), z.strictObject({ file: z.string().min(1) })],
  'must be {env: VARIABLE} or {file: PATH}: the secret itself stands elsewhere',
);

const entry = z.strictObject({
  id: organisationId,
  clientSecret: secret.exactOptional(),
  ...membersShape(organisationMembers),
});
type Entry = { id: string; clientSecret?: z.infer<typeof secret> } & Record<string, unknown>;

const organisationsFile = z.strictObject({
  organisations: z.array(entry, 'must be a list').min(1, 'must list at least one organisation'),
});

const memberPaths = organisationPaths();

/**
 * Reads the file that lists the organisations of a deployment: YAML, or JSON, which is YAML too.
 *
 * @param env what an organisation does not say is said by the environment, but for what can be of one organisation alone
 * @throws SettingsProblems naming everything that is wrong with its path; never a value
 */
export function readOrganisationsFile(file: string, env: NodeJS.ProcessEnv): ListedOrganisation[] {
  const read = organisationsFile.safeParse(parsed(file), { reportInput: true });
  const problems = ownProblems(env);
  if (!read.success) throw new SettingsProblems([...problems, ...read.error.issues.flatMap(told)]);
  const listed = (read.data.organisations as Entry[]).map((one, place) => listedOf(one, place, env));
  problems.push(...clashes(listed));
  if (problems.length > 0) throw new SettingsProblems(problems);
  return listed;
}

function parsed(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new SettingsProblems([`ORGANISATIONS_FILE: the file cannot be read (${reason})`]);
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    // Its own message quotes the line.
    throw new SettingsProblems(
      document.errors.map(({ code, linePos }) => {
        const at = linePos === undefined ? '' : ` at line ${linePos[0].line}, column ${linePos[0].col}`;
        return `ORGANISATIONS_FILE is neither YAML nor JSON (${code}${at})`;
      }),
    );
  }
  return document.toJS() as unknown;
}

function ownProblems(env: NodeJS.ProcessEnv): string[] {
  return membersOfTheirOwn
    .filter((name) => Boolean(env[name]))
    .map((name) => `${name} and ORGANISATIONS_FILE are both set: the file says it for each organisation`);
}

function told(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.reduce<string>(
    (before, part) =>
      typeof part === 'number'
        ? `${before}[${part}]`
        : before === ''
          ? String(part)
          : `${before}.${String(part)}`,
    '',
  );
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(
      (key) => `${path === '' ? '' : `${path}.`}${key} is not known (ORGANISATIONS_FILE)`,
    );
  }
  const message = issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : issue.message;
  return [`${path === '' ? 'ORGANISATIONS_FILE' : path} ${message}`];
}

function listedOf(
  { id, clientSecret, ...members }: Entry,
  place: number,
  env: NodeJS.ProcessEnv,
): ListedOrganisation {
  const at = `organisations[${place}]`;
  const texts = textsOf(organisationMembers, members);
  const said = [...memberPaths].filter(([name]) => name in texts || membersOfTheirOwn.includes(name));
  return {
    id,
    env: {
      ...env,
      AUDIT_INDEX_PREFIX: `${env['AUDIT_INDEX_PREFIX'] || 'genesys-audit-'}${id}-`,
      AUDIT_READ_ALIAS: `${env['AUDIT_READ_ALIAS'] || 'genesys-audit-logs'}-${id}`,
      ARCHIVE_KEY_PREFIX: `${id}/`,
      ...texts,
      AUDIT_STREAM: id,
      ...secretOf(clientSecret, env),
    },
    pathOf: new Map([
      ...said.map(([name, path]): [string, string] => [name, `${at}.${path}`]),
      ['AUDIT_INDEX_PREFIX', `${at}.audit.indexPrefix`],
      ['AUDIT_READ_ALIAS', `${at}.audit.readAlias`],
      ['GENESYS_CLIENT_SECRET', `${at}.clientSecret${nameOf(clientSecret)}`],
      ['GENESYS_CLIENT_SECRET_FILE', `${at}.clientSecret.file`],
    ]),
  };
}

/** A variable that is named may itself stand in a file, as every secret's does. */
function secretOf(reference: Entry['clientSecret'], env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (reference === undefined) return {};
  if ('file' in reference) return { GENESYS_CLIENT_SECRET_FILE: reference.file };
  return {
    GENESYS_CLIENT_SECRET: env[reference.env],
    GENESYS_CLIENT_SECRET_FILE: env[`${reference.env}_FILE`],
  };
}

function nameOf(reference: Entry['clientSecret']): string {
  return reference !== undefined && 'env' in reference ? ` (the variable ${reference.env})` : '';
}

/** What two organisations may not share, for then one's data could be taken for the other's. */
function clashes(listed: readonly ListedOrganisation[]): string[] {
  const problems: string[] = [];
  for (const [place, one] of listed.entries()) {
    for (const other of listed.slice(place + 1)) {
      if (one.id === other.id) {
        problems.push(`organisations: the id ${one.id} stands twice`);
        continue;
      }
      for (const [name, path] of [
        ['AUDIT_INDEX_PREFIX', 'audit.indexPrefix'],
        ['ARCHIVE_KEY_PREFIX', 'archive.keyPrefix'],
      ] as const) {
        if (isNested(one.env[name] ?? '', other.env[name] ?? '')) {
          problems.push(
            `organisations: ${one.id} and ${other.id} have a ${path} that begins with the other's`,
          );
        }
      }
    }
  }
  return problems;
}

function isNested(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}
