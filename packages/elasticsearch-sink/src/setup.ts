/**
 * Brings the cluster into the shape that Trunkline writes into: templates, retention policy, the indices it needs next.
 *
 * Idempotent, run by every indexer at its start and now and again after it. Never a step back: a template or policy of a
 * newer Trunkline, and a policy that somebody else wrote, stay as they are.
 */
import { TrunklineError } from '@trunkline/contracts';
import type { Elasticsearch } from './elasticsearch.ts';
import {
  auditMappings,
  deadLetterIndexBody,
  type IndexBody,
  type IndexSettings,
  retentionPolicy,
  retentionPolicyName,
  schemaVersion,
  stateIndexBody,
  type Template,
  templates,
} from './schema.ts';

export interface InstalledSchema {
  /** The ILM policy that deletes old daily indices; `null`: the cluster has no ILM, Trunkline deletes them. */
  policy: string | null;
  /** Templates and policies that were written now. */
  written: string[];
  /** Templates and policies left alone because a newer Trunkline, or somebody else, wrote them. */
  kept: string[];
  /** Indices of an older Trunkline that were given the fields they lacked. */
  extended: number;
  /** Those that would not take them (read-only, or changed by somebody): they keep their events and lack those names. */
  notExtended: number;
}

/** @throws TrunklineError with an ELASTICSEARCH_ code */
export async function installSchema(
  es: Elasticsearch,
  settings: IndexSettings,
  signal?: AbortSignal,
): Promise<InstalledSchema> {
  const installed: InstalledSchema = { policy: null, written: [], kept: [], extended: 0, notExtended: 0 };
  installed.policy = await installPolicy(es, settings, installed, signal);
  for (const template of templates(settings, installed.policy)) {
    await installTemplate(es, template, installed, signal);
  }
  await extendMappings(es, settings, installed, signal);
  await createIndex(es, settings.deadLetterIndex, deadLetterIndexBody(settings), signal);
  await createIndex(es, settings.stateIndex, stateIndexBody(settings), signal);
  if (settings.replicas === 0) await dropReplicasOfOneNode(es, settings, signal);
  return installed;
}

/** Creates an index unless it is there. */
export async function createIndex(
  es: Elasticsearch,
  index: string,
  body: IndexBody,
  signal?: AbortSignal,
): Promise<void> {
  const what = `to create the index ${index}`;
  const answer = await es.ask({ method: 'PUT', path: `/${index}`, body, what, accept: [400], signal });
  if (answer.status < 300) return;
  const type = errorTypeOf(answer.body);
  if (type === 'resource_already_exists_exception') return;
  throw new TrunklineError('ELASTICSEARCH_SETUP_REFUSED', {
    message: `Elasticsearch answered ${answer.status} (${type}) when asked ${what}.`,
    remedy: 'Check AUDIT_SHARDS, AUDIT_REPLICAS and the limit of shards per node of the cluster.',
  });
}

/**
 * An index that is created before it is first written to: left to the first document, a missing template would give it a
 * mapping made up from that document.
 */
export class IndexOnce {
  readonly #create: () => Promise<void>;
  #created: Promise<void> | null = null;

  constructor(es: Elasticsearch, index: string, body: IndexBody) {
    this.#create = () => createIndex(es, index, body);
  }

  async ensure(): Promise<void> {
    this.#created ??= this.#create();
    try {
      await this.#created;
    } catch (error) {
      this.#created = null;
      throw error;
    }
  }
}

/**
 * Why the indices of this cluster can never be green, or `null`: one data node has no place for a replica.
 */
export async function neverGreen(
  es: Elasticsearch,
  settings: IndexSettings,
  signal?: AbortSignal,
): Promise<TrunklineError | null> {
  if ((await dataNodes(es, signal)) !== 1) return null;
  const replicated =
    settings.replicas > 0
      ? []
      : (await indicesWithReplicas(es, `${settings.indexPrefix}*`, signal)).slice(0, 3);
  if (settings.replicas === 0 && replicated.length === 0) return null;
  return new TrunklineError('ELASTICSEARCH_NEVER_GREEN', {
    message: `The cluster has one data node, and ${settings.replicas > 0 ? `AUDIT_REPLICAS is ${settings.replicas}` : `${replicated.join(', ')} have replicas`}: its indices can never be green, and indexing waits for green.`,
    remedy:
      'Either set AUDIT_REPLICAS=0 (no copies), or add a data node; ES_REQUIRED_HEALTH=yellow indexes without waiting for copies.',
  });
}

async function installTemplate(
  es: Elasticsearch,
  template: Template,
  installed: InstalledSchema,
  signal?: AbortSignal,
): Promise<void> {
  const path = `/_index_template/${template.name}`;
  const what = `about the index template ${template.name}`;
  const found = await es.ask({ method: 'GET', path, what, accept: [404], signal });
  const there = found.status === 404 ? null : templateMeta(found.body);
  if (there !== null && there.version > schemaVersion) {
    installed.kept.push(template.name);
    return;
  }
  if (there?.version === schemaVersion && there.fingerprint === template.body._meta.fingerprint) return;
  await es.ask({
    method: 'PUT',
    path,
    body: template.body,
    what: `to install the index template ${template.name}`,
    signal,
  });
  installed.written.push(template.name);
}

function templateMeta(body: unknown): { version: number; fingerprint: string | null } {
  const list = (body as { index_templates?: { index_template?: { _meta?: Record<string, unknown> } }[] })
    .index_templates;
  const found = list?.[0]?.index_template?._meta ?? {};
  return {
    version: typeof found['version'] === 'number' ? found['version'] : 0,
    fingerprint: typeof found['fingerprint'] === 'string' ? found['fingerprint'] : null,
  };
}

/**
 * A template reaches only indices made after it. Fields that a newer version adds, aliases above all, go to the indices that are
 * there too: a search by such a name would find nothing in them, and sorting by it would fail there. Nothing waits for this to
 * succeed.
 */
async function extendMappings(
  es: Elasticsearch,
  settings: IndexSettings,
  installed: InstalledSchema,
  signal?: AbortSignal,
): Promise<void> {
  const { body } = await es.ask({
    method: 'GET',
    path: `/${settings.indexPrefix}*/_mapping`,
    query: { filter_path: '*.mappings._meta', ignore_unavailable: true },
    what: 'for the versions of its mappings',
    signal,
  });
  const older = Object.entries(body as Record<string, { mappings?: { _meta?: Record<string, unknown> } }>)
    .filter(([, { mappings }]) => {
      const { application, version } = mappings?._meta ?? {};
      return application === 'trunkline' && (version as number) < schemaVersion;
    })
    .map(([index]) => index)
    .sort()
    .reverse(); // the newest, which are searched most, first
  for (let from = 0; from < older.length; from += indicesPerRequest) {
    const some = older.slice(from, from + indicesPerRequest);
    if (await extend(es, some, signal)) {
      installed.extended += some.length;
      continue;
    }
    // One that refuses makes Elasticsearch refuse them all.
    for (const index of some) {
      if (await extend(es, [index], signal)) installed.extended++;
      else installed.notExtended++;
    }
  }
}

/** Their names stand in the request's first line, of which Elasticsearch reads 4,096 bytes. */
const indicesPerRequest = 40;

async function extend(es: Elasticsearch, indices: readonly string[], signal?: AbortSignal): Promise<boolean> {
  const { status } = await es.ask({
    method: 'PUT',
    path: `/${indices.join(',')}/_mapping`,
    body: auditMappings,
    what: 'to extend the mappings of older indices',
    accept: [400, 403, 404, 429],
    signal,
  });
  return status < 300;
}

/** A cluster without ILM answers 400 (no handler), 405 or 410 (serverless). */
async function installPolicy(
  es: Elasticsearch,
  settings: IndexSettings,
  installed: InstalledSchema,
  signal?: AbortSignal,
): Promise<string | null> {
  const name = retentionPolicyName(settings.indexPrefix);
  const path = `/_ilm/policy/${name}`;
  const what = `about the retention policy ${name}`;
  const found = await es.ask({ method: 'GET', path, what, accept: [400, 404, 405, 410], signal });
  if (found.status === 400 || found.status === 405 || found.status === 410) return null;
  if (found.status !== 404) {
    const policy = (found.body as Record<string, { policy?: { _meta?: Record<string, unknown> } }>)[name]
      ?.policy;
    const { application, version, days } = policy?._meta ?? {};
    if (application !== 'trunkline' || (version as number) > schemaVersion) {
      installed.kept.push(name);
      return name;
    }
    if (version === schemaVersion && days === settings.retentionDays) return name;
  }
  const body = retentionPolicy(settings.retentionDays);
  await es.ask({ method: 'PUT', path, body, what: `to install the retention policy ${name}`, signal });
  installed.written.push(name);
  return name;
}

/** AUDIT_REPLICAS=0 is the remedy for a cluster of one node; it has to reach the indices that are there already. */
async function dropReplicasOfOneNode(
  es: Elasticsearch,
  settings: IndexSettings,
  signal?: AbortSignal,
): Promise<void> {
  if ((await dataNodes(es, signal)) !== 1) return;
  const pattern = `${settings.indexPrefix}*,${settings.deadLetterIndex},${settings.stateIndex}`;
  for (const index of await indicesWithReplicas(es, pattern, signal)) {
    await es.ask({
      method: 'PUT',
      path: `/${index}/_settings`,
      body: { 'index.number_of_replicas': 0 },
      what: `to drop the replicas of ${index}`,
      accept: [404],
      signal,
    });
  }
}

async function dataNodes(es: Elasticsearch, signal?: AbortSignal): Promise<number | null> {
  const { body } = await es.ask({
    method: 'GET',
    path: '/_cluster/health',
    query: { filter_path: 'number_of_data_nodes' },
    what: 'for the number of its data nodes',
    signal,
  });
  const nodes = (body as { number_of_data_nodes?: unknown }).number_of_data_nodes;
  return typeof nodes === 'number' ? nodes : null;
}

async function indicesWithReplicas(
  es: Elasticsearch,
  pattern: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const { body } = await es.ask({
    method: 'GET',
    path: `/${pattern}/_settings/index.number_of_replicas`,
    query: { flat_settings: true, ignore_unavailable: true },
    what: 'for the replicas of its indices',
    signal,
  });
  return Object.entries(body as Record<string, { settings?: Record<string, string> }>)
    .filter(([, { settings }]) => Number(settings?.['index.number_of_replicas'] ?? 0) > 0)
    .map(([index]) => index);
}

function errorTypeOf(body: unknown): string {
  const type = (body as { error?: { type?: unknown } } | null)?.error?.type;
  return typeof type === 'string' ? type : 'unknown';
}
