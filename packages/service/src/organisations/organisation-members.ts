import { z } from 'zod';

/**
 * What ORGANISATIONS_FILE may say of an organisation. Each member stands for a setting, by whose rules its text is read: an
 * organisation is the environment with some of it said otherwise.
 */
interface Member {
  readonly env: string;
  /** From the form of the file to the text of the variable. */
  readonly schema: z.ZodType<string>;
}

interface Members {
  readonly [name: string]: Member | Members;
}

const word = z.string('must be text').min(1, 'must not be empty');
const number = z.union([z.number(), word], 'must be a number').transform(String);
const words = z
  .union([word, z.array(word).min(1, 'must name at least one')], 'must be a list of texts')
  .transform((list) => String(list));
const json = z.unknown().transform((value) => JSON.stringify(value));

const text = (env: string): Member => ({ env, schema: word });
const amount = (env: string): Member => ({ env, schema: number });
const list = (env: string): Member => ({ env, schema: words });

export const organisationMembers = {
  pipelines: list('FETCHER_PIPELINES'),
  contract: text('GENESYS_CONTRACT'),
  region: text('GENESYS_REGION'),
  apiBase: text('GENESYS_API_BASE'),
  loginBase: text('GENESYS_LOGIN_BASE'),
  subdomain: text('GENESYS_SUBDOMAIN'),
  clientId: text('GENESYS_CLIENT_ID'),
  clientAuth: text('GENESYS_CLIENT_AUTH'),
  ratePerSecond: amount('GENESYS_RATE_PER_SECOND'),
  downloadHosts: list('GENESYS_DOWNLOAD_HOSTS'),
  audit: {
    filters: { env: 'AUDIT_FILTERS', schema: json },
    indexPrefix: text('AUDIT_INDEX_PREFIX'),
    readAlias: text('AUDIT_READ_ALIAS'),
    retentionDays: amount('AUDIT_RETENTION_DAYS'),
    replayWindowHours: amount('AUDIT_REPLAY_WINDOW_HOURS'),
    overlapMinutes: amount('AUDIT_OVERLAP_MINUTES'),
    historyMinutes: amount('AUDIT_HISTORY_MINUTES'),
  },
  archive: {
    source: text('ARCHIVE_SOURCE'),
    mediaTypes: list('ARCHIVE_MEDIA_TYPES'),
    settleSeconds: amount('ARCHIVE_SETTLE_SECONDS'),
    textWaitSeconds: amount('ARCHIVE_TEXT_WAIT_SECONDS'),
    keyPrefix: text('ARCHIVE_KEY_PREFIX'),
    region: text('REDACTION_REGION'),
  },
} as const satisfies Members;

/** Those that no environment can give to several organisations at once. */
export const membersOfTheirOwn: readonly string[] = [
  'GENESYS_REGION',
  'GENESYS_API_BASE',
  'GENESYS_LOGIN_BASE',
  'GENESYS_SUBDOMAIN',
  'GENESYS_CLIENT_ID',
  'GENESYS_CLIENT_SECRET',
  'GENESYS_CLIENT_SECRET_FILE',
  'AUDIT_STREAM',
  'ARCHIVE_KEY_PREFIX',
];

/** Where the file says what a variable holds, below an organisation: `audit.indexPrefix`, by the variable. */
export function organisationPaths(): ReadonlyMap<string, string> {
  return pathsOf(organisationMembers);
}

/** The schema of members, each optional and nothing else allowed. */
function membersSchema(members: Members): z.ZodType<Record<string, unknown>> {
  return z.strictObject(membersShape(members));
}

export function membersShape(members: Members): Record<string, z.ZodExactOptional> {
  return Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      z.exactOptional(isMember(member) ? member.schema : membersSchema(member)),
    ]),
  );
}

/** Path of each member below its organisation, by the variable that it stands for. */
function pathsOf(members: Members, before: string = ''): Map<string, string> {
  return new Map(
    Object.entries(members).flatMap(([name, member]): [string, string][] =>
      isMember(member) ? [[member.env, `${before}${name}`]] : [...pathsOf(member, `${before}${name}.`)],
    ),
  );
}

/** The texts of the variables that an organisation's members stand for. */
export function textsOf(members: Members, read: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, member]): [string, string][] => {
      const value = read[name];
      if (value === undefined) return [];
      if (isMember(member)) return [[member.env, value as string]];
      return Object.entries(textsOf(member, value as Record<string, unknown>));
    }),
  );
}

function isMember(member: Member | Members): member is Member {
  return typeof member['env'] === 'string';
}
