/** What a cluster is and allows, asked before anything is written: for a check ahead of the first event. */
import type { Elasticsearch } from './elasticsearch.ts';
import { type IndexSettings, schemaVersion, templates } from './schema.ts';

/** What Trunkline's user or API key has to be granted: deploy/access/elasticsearch-role.json, to which a test holds them. */
const clusterPrivileges = ['monitor', 'manage_index_templates'] as const;
const indexPrivileges = [
  'create_index',
  'index',
  'read',
  'view_index_metadata',
  'monitor',
  'maintenance',
] as const;

/** Which indices the privileges are asked for. */
export interface UsedIndices {
  /** Start of the daily indices; `null`: no audit events are indexed. */
  readonly indexPrefix: string | null;
  /** The others, by name. */
  readonly named: readonly string[];
}

/** The oldest version of the cluster's nodes, e.g. `8.19.8`; `null` where the cluster does not tell. */
export async function clusterVersion(es: Elasticsearch, signal?: AbortSignal): Promise<string | null> {
  const { status, body } = await es.ask({
    method: 'GET',
    path: '/_nodes/_all/none',
    query: { filter_path: 'nodes.*.version' },
    what: 'for its version',
    accept: [400, 403, 404, 405, 410], // not allowed, or serverless, which has no nodes
    signal,
  });
  if (status >= 300) return null;
  const nodes = (body as { nodes?: Record<string, { version?: unknown }> }).nodes ?? {};
  const versions = Object.values(nodes).flatMap(({ version }) =>
    typeof version === 'string' ? [version] : [],
  );
  return versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))[0] ?? null;
}

/**
 * The privileges that are missing, as `monitor of the cluster`, `index on genesys-audit-*`.
 * @returns `null` where the cluster has no security, and everybody may do everything
 * @throws TrunklineError with an ELASTICSEARCH_ code
 */
export async function missingPrivileges(
  es: Pick<Elasticsearch, 'ask'>,
  { indexPrefix, named }: UsedIndices,
  signal?: AbortSignal,
): Promise<string[] | null> {
  const index = [
    ...(indexPrefix === null
      ? []
      : [{ names: [`${indexPrefix}*`], privileges: [...indexPrivileges, 'manage'] }]),
    { names: [...named], privileges: [...indexPrivileges] },
  ];
  const cluster = [...clusterPrivileges, ...((await hasIlm(es, signal)) ? ['manage_ilm'] : [])];
  const { status, body } = await es.ask({
    method: 'POST',
    path: '/_security/user/_has_privileges',
    body: { cluster, index: index.filter(({ names }) => names.length > 0) },
    what: 'for the privileges of its user',
    accept: [400, 405], // security is off
    signal,
  });
  if (status >= 300) return null;
  const { cluster: ofCluster = {}, index: indices = {} } = body as {
    cluster?: Record<string, boolean>;
    index?: Record<string, Record<string, boolean>>;
  };
  return [
    ...lacking(ofCluster).map((privilege) => `${privilege} of the cluster`),
    ...Object.entries(indices).flatMap(([name, granted]) =>
      lacking(granted).map((privilege) => `${privilege} on ${name}`),
    ),
  ];
}

/** A cluster without it answers 400 (no handler), 405 or 410 (serverless); one that forbids the question has it. */
async function hasIlm(es: Pick<Elasticsearch, 'ask'>, signal?: AbortSignal): Promise<boolean> {
  const asked = { method: 'GET', path: '/_ilm/status', what: 'whether it has ILM' } as const;
  const { status } = await es.ask({ ...asked, accept: [400, 403, 404, 405, 410], signal });
  return status < 300 || status === 403;
}

function lacking(granted: Record<string, boolean>): string[] {
  return Object.entries(granted)
    .filter(([, has]) => !has)
    .map(([privilege]) => privilege);
}

/** How what Trunkline installs stands. */
export type SchemaState =
  /** Neither templates nor indices: the first indexer installs them. */
  | { kind: 'not-installed' }
  | { kind: 'installed'; version: number }
  /** There are indices, and the template of new ones is gone. */
  | { kind: 'template-gone'; template: string }
  /** Somebody else's template stands under the name. */
  | { kind: 'template-foreign'; template: string }
  /** The templates are an older Trunkline's: an indexer of this version brings them up to date. */
  | { kind: 'older'; version: number };

/** @throws TrunklineError with an ELASTICSEARCH_ code */
export async function schemaState(
  es: Elasticsearch,
  settings: IndexSettings,
  signal?: AbortSignal,
): Promise<SchemaState> {
  const [template] = templates(settings, null);
  const name = template?.name ?? '';
  const { status, body } = await es.ask({
    method: 'GET',
    path: `/_index_template/${name}`,
    query: { filter_path: 'index_templates.index_template._meta' },
    what: `about the index template ${name}`,
    accept: [404],
    signal,
  });
  if (status === 404) {
    const indices = await auditIndicesOf(es, settings.indexPrefix, signal);
    return indices.length === 0 ? { kind: 'not-installed' } : { kind: 'template-gone', template: name };
  }
  const found = body as { index_templates?: { index_template?: { _meta?: Record<string, unknown> } }[] };
  const { application, version } = found.index_templates?.[0]?.index_template?._meta ?? {};
  if (application !== 'trunkline' || typeof version !== 'number')
    return { kind: 'template-foreign', template: name };
  return version < schemaVersion ? { kind: 'older', version } : { kind: 'installed', version };
}

/**
 * The audit indices that their alias does not lead to; `taken`: an index of somebody's has the alias' name.
 * @throws TrunklineError with an ELASTICSEARCH_ code
 */
export async function withoutAlias(
  es: Elasticsearch,
  { indexPrefix, alias }: Pick<IndexSettings, 'indexPrefix' | 'alias'>,
  signal?: AbortSignal,
): Promise<string[] | 'taken'> {
  const { body } = await es.ask({
    method: 'GET',
    path: `/${alias},${indexPrefix}*/_alias`,
    query: { ignore_unavailable: true },
    what: `for the indices of the alias ${alias}`,
    signal,
  });
  const found = body as Record<string, { aliases?: Record<string, unknown> }>;
  if (Object.hasOwn(found, alias)) return 'taken';
  return Object.entries(found)
    .filter(([index, { aliases }]) => index.startsWith(indexPrefix) && !Object.hasOwn(aliases ?? {}, alias))
    .map(([index]) => index)
    .sort();
}

async function auditIndicesOf(
  es: Elasticsearch,
  indexPrefix: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { body } = await es.ask({
    method: 'GET',
    path: `/${indexPrefix}*/_settings/index.uuid`,
    query: { ignore_unavailable: true },
    what: 'for the names of the daily indices',
    signal,
  });
  return Object.keys(body as object);
}
