import { TrunklineError } from '@trunkline/contracts';

/**
 * What Elasticsearch says is wrong, as far as it may be repeated: its reasons quote values of documents, so only the type
 * and what can be taken out of the reason without a value are kept.
 */
export interface ForeignReason {
  /** Elasticsearch's name for the error; `unknown` where it gave none. */
  type: string;
  /** The cluster block, e.g. `12` (flood stage), where one refused the request. */
  blockId: string | null;
  /** The searched field that the reason names; `null` where it names none, or one that is not ours. */
  field: string | null;
  /** The action that was not allowed, e.g. `indices:admin/create`. */
  deniedAction: string | null;
}

/** @param error the `error` member of a reply, a whole one's or an item's */
export function readReason(error: unknown, knownFields: ReadonlyMap<string, unknown>): ForeignReason {
  const { type, reason } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const text = typeof reason === 'string' ? reason : typeof error === 'string' ? error : '';
  const field = /\bfield ?[[="]{1,2}([A-Za-z]{1,64})[\]"]/.exec(text)?.[1];
  return {
    type: typeof type === 'string' && /^[a-z_]{1,80}$/.test(type) ? type : 'unknown',
    blockId: type === 'cluster_block_exception' ? (/\[[A-Z_]+\/(\d+)\//.exec(text)?.[1] ?? 'unknown') : null,
    field: field !== undefined && knownFields.has(field) ? field : null,
    deniedAction: /^action \[([a-z:/_*[\]]{1,100})\] is unauthorized/.exec(text)?.[1] ?? null,
  };
}

/**
 * The error for a reply whose status is not the wanted one.
 * @param what the request in words, e.g. `to install the index template`
 */
export function errorOfReply(
  status: number,
  reason: ForeignReason,
  what: string,
  cause: unknown,
): TrunklineError {
  const said = `Elasticsearch answered ${status} (${reason.type}) when asked ${what}.`;
  if (reason.type === 'cluster_block_exception' && status !== 503) {
    return new TrunklineError('ELASTICSEARCH_WRITE_BLOCKED', {
      message: `Elasticsearch refused ${what}: write block ${reason.blockId}.`,
      remedy: blockRemedy(reason.blockId),
      cause,
    });
  }
  if (status === 401) {
    return new TrunklineError('ELASTICSEARCH_PERMISSION_MISSING', {
      message: said,
      remedy:
        'Check ELASTICSEARCH_API_KEY, or ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD: they are not accepted.',
      cause,
    });
  }
  if (status === 403) {
    const action = reason.deniedAction === null ? '' : ` It names the action ${reason.deniedAction}.`;
    return new TrunklineError('ELASTICSEARCH_PERMISSION_MISSING', {
      message: `${said}${action}`,
      remedy: 'Grant the privileges listed in docs/operations.md to the API key or user.',
      cause,
    });
  }
  if (status === 413) {
    return new TrunklineError('ELASTICSEARCH_REQUEST_TOO_LARGE', { message: said, cause });
  }
  if (status === 429) return new TrunklineError('ELASTICSEARCH_OVERLOADED', { message: said, cause });
  if (status >= 500) {
    return new TrunklineError('ELASTICSEARCH_UNREACHABLE', {
      message: said,
      remedy: 'Nothing is lost: it is tried again. Look at the cluster and at what stands between.',
      cause,
    });
  }
  return new TrunklineError('ELASTICSEARCH_SETUP_REFUSED', {
    message: said,
    remedy: 'Check ELASTICSEARCH_URL, the index settings and the limits of the cluster (shards per node).',
    cause,
  });
}

/** What lifts a write block, by its id (Elasticsearch's `IndexMetadata` and `Metadata` blocks). */
export function blockRemedy(blockId: string | null): string {
  return blockId === '12'
    ? 'A disk of the cluster is almost full: make room; Elasticsearch then lifts the block and indexing goes on by itself.'
    : 'Lift the block on the index or the cluster (`index.blocks.*`, `cluster.blocks.*`); indexing then goes on by itself.';
}

export function replyUnreadable(what: string, cause?: unknown): TrunklineError {
  return new TrunklineError('ELASTICSEARCH_REPLY_UNREADABLE', {
    message: `The answer to the request ${what} cannot be read; it counts as not done and is tried again.`,
    cause,
  });
}
