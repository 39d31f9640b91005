import type { Elasticsearch } from './elasticsearch.ts';
import { replyUnreadable } from './foreign-error.ts';

export type HealthStatus = 'green' | 'yellow' | 'red';

/** `indices`: those of the audit events alone; `cluster`: everything the cluster holds. */
export type HealthScope = 'indices' | 'cluster';

export interface ClusterHealth {
  status: HealthStatus;
  /** `null` where the answer does not say. */
  unassignedShards: number | null;
}

/**
 * @param indexPrefixes of the indices that count with the scope `indices`
 * @throws TrunklineError with an ELASTICSEARCH_ code; a cluster without a master is ELASTICSEARCH_UNREACHABLE
 */
export async function clusterHealth(
  es: Elasticsearch,
  scope: HealthScope,
  indexPrefixes: readonly string[],
  signal?: AbortSignal,
): Promise<ClusterHealth> {
  const what = 'for its health';
  const patterns = indexPrefixes.map((prefix) => `${prefix}*`).join(',');
  const { body } = await es.ask({
    method: 'GET',
    path: scope === 'cluster' ? '/_cluster/health' : `/_cluster/health/${patterns}`,
    query: { filter_path: 'status,unassigned_shards', master_timeout: '5s', timeout: '5s' },
    what,
    // 408: the health at the end of the time, which is an answer.
    accept: [408],
    signal,
  });
  const { status, unassigned_shards: unassigned } = (body ?? {}) as Record<string, unknown>;
  if (status !== 'green' && status !== 'yellow' && status !== 'red') throw replyUnreadable(what);
  return { status, unassignedShards: typeof unassigned === 'number' ? unassigned : null };
}

export interface WriteBlock {
  /** `null`: the whole cluster. */
  index: string | null;
  /** Elasticsearch's id of the block, e.g. `12` (flood stage). */
  blockId: string;
}

/** The blocks that keep these indices, or the whole cluster, from being written to. */
export async function writeBlocks(
  es: Elasticsearch,
  indices: readonly string[],
  signal?: AbortSignal,
): Promise<WriteBlock[]> {
  const { body } = await es.ask({
    method: 'GET',
    path: `/_cluster/state/blocks/${indices.length === 0 ? '_all' : indices.join(',')}`,
    query: { filter_path: 'blocks', ignore_unavailable: true, master_timeout: '5s' },
    what: 'for its write blocks',
    signal,
  });
  const blocks = (body as { blocks?: { global?: Blocks; indices?: Record<string, Blocks> } } | null)?.blocks;
  return [
    ...writing(blocks?.global).map((blockId) => ({ index: null, blockId })),
    ...Object.entries(blocks?.indices ?? {}).flatMap(([index, found]) =>
      writing(found).map((blockId) => ({ index, blockId })),
    ),
  ];
}

type Blocks = Record<string, { levels?: string[] }>;

function writing(blocks: Blocks | undefined): string[] {
  return Object.entries(blocks ?? {})
    .filter(([, block]) => block.levels?.includes('write'))
    .map(([blockId]) => blockId);
}
