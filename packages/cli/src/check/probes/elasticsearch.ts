import {
  blockRemedy,
  clusterHealth,
  clusterVersion,
  Elasticsearch,
  type HealthScope,
  type HealthStatus,
  type IndexSettings,
  missingPrivileges,
  neverGreen,
  schemaState,
  withoutAlias,
  writeBlocks,
} from '@trunkline/elasticsearch-sink';
import type { elasticsearchSettings, Values } from '@trunkline/service';
import { look, type Outcome, ok, type Probe, wrong } from '../probe.ts';

export interface ElasticsearchWanted {
  readonly settings: Values<typeof elasticsearchSettings>;
  /** `null`: no audit events are indexed, the cluster holds compliance records alone. */
  readonly indexing: {
    readonly retentionDays: number;
    readonly requiredHealth: 'green' | 'yellow';
    readonly healthScope: HealthScope;
  } | null;
  /** Index of the compliance records; `null`: they are not kept here. */
  readonly complianceIndex: string | null;
}

const versions = /^[89]\./;
const reached = ['elasticsearch'];
const timeoutMs = 10_000;

export function elasticsearchProbes(
  { settings, indexing, complianceIndex }: ElasticsearchWanted,
  opened: AsyncDisposableStack,
  needs: readonly string[],
): Probe[] {
  const es = opened.use(
    new Elasticsearch({ ...settings, timeoutMs: Math.min(settings.timeoutMs, timeoutMs) }),
  );
  const { indexPrefix, stateIndex, deadLetterIndex } = settings;
  const named = [
    ...(indexing === null ? [] : [stateIndex, deadLetterIndex]),
    ...(complianceIndex === null ? [] : [complianceIndex]),
  ];
  const used = { indexPrefix: indexing === null ? null : indexPrefix, named };
  const first: Probe[] = [
    {
      name: 'elasticsearch',
      needs,
      attempt: async (signal) => {
        const version = await clusterVersion(es, signal);
        if (version === null) return ok('reachable, its version is not told');
        if (versions.test(version)) return ok(`version ${version}`);
        return wrong(
          `Elasticsearch is of version ${version}.`,
          'Trunkline writes to Elasticsearch 8 and 9: upgrade the cluster.',
        );
      },
    },
    {
      name: 'elasticsearch privileges',
      needs: reached,
      attempt: async (signal) => {
        const missing = await missingPrivileges(es, used, signal);
        if (missing === null)
          return look(
            'Security is off: everybody who reaches the cluster may do everything.',
            'Turn on xpack.security, unless the cluster is fenced off otherwise.',
          );
        if (missing.length === 0) return ok('all granted');
        return wrong(
          `The user or API key lacks ${missing.join(', ')}.`,
          'Grant what docs/operations.md lists under "What Elasticsearch must allow".',
        );
      },
    },
    { name: 'elasticsearch write blocks', needs: reached, attempt: (signal) => blocks(es, used, signal) },
  ];
  if (indexing === null) return first;
  const index: IndexSettings = { ...settings, retentionDays: indexing.retentionDays };
  return [
    ...first,
    { name: 'elasticsearch template', needs: reached, attempt: (signal) => template(es, index, signal) },
    { name: 'elasticsearch alias', needs: reached, attempt: (signal) => alias(es, index, signal) },
    {
      name: 'elasticsearch replicas',
      needs: reached,
      attempt: async (signal) => {
        const never = indexing.requiredHealth === 'green' ? await neverGreen(es, index, signal) : null;
        if (never !== null) throw never;
        return ok(`${settings.replicas}`);
      },
    },
    {
      name: 'elasticsearch health',
      // Of a cluster that can never be green it is known why it is not.
      needs: [...reached, 'elasticsearch replicas'],
      attempt: (signal) => health(es, indexPrefix, indexing, signal),
    },
  ];
}

async function blocks(
  es: Elasticsearch,
  { indexPrefix, named }: { indexPrefix: string | null; named: readonly string[] },
  signal: AbortSignal,
): Promise<Outcome> {
  const patterns = [...(indexPrefix === null ? [] : [`${indexPrefix}*`]), ...named];
  const found = await writeBlocks(es, patterns, signal);
  const [block] = found;
  if (block === undefined) return ok('none');
  const where = [...new Set(found.map(({ index }) => index ?? 'the whole cluster'))];
  const several =
    where.length > 3 ? `${where.slice(0, 3).join(', ')} and ${where.length - 3} more` : where.join(', ');
  return wrong(`Write block ${block.blockId} on ${several}.`, blockRemedy(block.blockId));
}

async function template(es: Elasticsearch, index: IndexSettings, signal: AbortSignal): Promise<Outcome> {
  const state = await schemaState(es, index, signal);
  switch (state.kind) {
    case 'not-installed':
      return ok('not there yet: the first indexer installs it');
    case 'installed':
      return ok(`version ${state.version}`);
    case 'older':
      return look(
        `The templates are of version ${state.version}, an older one.`,
        'The next indexer of this version that starts brings them up to date.',
      );
    case 'template-gone':
      return wrong(
        `The index template ${state.template} is gone, though there are audit indices.`,
        'Restart an indexer: it installs it again. Ask who deleted it.',
      );
    case 'template-foreign':
      return wrong(
        `The index template ${state.template} is not Trunkline's.`,
        'Rename or delete it, or choose another AUDIT_INDEX_PREFIX.',
      );
    default:
      return state satisfies never;
  }
}

async function alias(es: Elasticsearch, index: IndexSettings, signal: AbortSignal): Promise<Outcome> {
  const without = await withoutAlias(es, index, signal);
  if (without === 'taken') {
    return wrong(
      `An index is named ${index.alias}, as the alias is to be.`,
      'Delete or rename that index, or choose another AUDIT_READ_ALIAS.',
    );
  }
  if (without.length === 0) return ok(index.alias);
  return wrong(
    `The alias ${index.alias} does not lead to ${without.slice(0, 3).join(', ')}${without.length > 3 ? ` and ${without.length - 3} more` : ''}.`,
    `Add them to it (\`POST _aliases\`): a search by the alias does not find their events.`,
  );
}

async function health(
  es: Elasticsearch,
  indexPrefix: string,
  { requiredHealth, healthScope }: { requiredHealth: HealthStatus; healthScope: HealthScope },
  signal: AbortSignal,
): Promise<Outcome> {
  const { status, unassignedShards } = await clusterHealth(es, healthScope, [indexPrefix], signal);
  const isEnough = status === 'green' || (status === 'yellow' && requiredHealth === 'yellow');
  if (isEnough) return ok(status);
  return wrong(
    `The health of the ${healthScope} is ${status}${unassignedShards === null ? '' : `, ${unassignedShards} shards are assigned to no node`}.`,
    `Find the shards (\`GET _cluster/allocation/explain\`)${status === 'yellow' ? ', or accept yellow with ES_REQUIRED_HEALTH=yellow' : ''}; indexing waits until then.`,
  );
}
