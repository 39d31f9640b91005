/**
 * The mappings, templates and policy, as bodies of requests. All static: whatever an event carries, no mapping grows.
 */
import { createHash } from 'node:crypto';
import { ecsAliases } from './ecs-fields.ts';
import { eventFields, type FieldKind } from './event-fields.ts';
import { undatedIndex } from './index-name.ts';

/** Names and sizes of what Trunkline keeps in Elasticsearch. */
export interface IndexSettings {
  /** Start of the daily indices, e.g. `genesys-audit-`. */
  readonly indexPrefix: string;
  /** Alias to read all audit events by. */
  readonly alias: string;
  readonly stateIndex: string;
  readonly deadLetterIndex: string;
  /** Primary shards of a daily index. */
  readonly shards: number;
  /** Replicas of every index. */
  readonly replicas: number;
  /** Days that a daily index is kept. */
  readonly retentionDays: number;
}

/** Raised with every change of a body below; an older Trunkline leaves a newer one's alone. */
export const schemaVersion = 2;

/** A UTF-8 text of this many UTF-16 units is within Lucene's 32,766 bytes, whatever it holds. */
const ignoreAbove = 8_191;

const keyword = { type: 'keyword', ignore_above: ignoreAbove };
const date = { type: 'date', format: 'strict_date_optional_time||epoch_millis', ignore_malformed: true };
const stored = { type: 'keyword', index: false, doc_values: false };

const fieldMappings: Record<FieldKind, object> = {
  keyword,
  date,
  ip: { type: 'ip', ignore_malformed: true },
  object: { type: 'flattened', depth_limit: 20, ignore_above: ignoreAbove },
};

const meta = { _meta: { application: 'trunkline', version: schemaVersion } };

/** Fields may be added to it and never changed: indices of an older Trunkline are brought up to it as they stand. */
export const auditMappings = {
  ...meta,
  dynamic: false,
  properties: {
    ...Object.fromEntries([...eventFields].map(([name, kind]) => [name, fieldMappings[kind]])),
    ingestedAt: { type: 'date' },
    trunkline: {
      dynamic: false,
      properties: {
        stream: keyword,
        digest: stored,
        setAsideFor: keyword,
        // Stored as it is and never looked into.
        setAside: { type: 'object', enabled: false },
      },
    },
    ...aliasMappings(),
  },
};

function aliasMappings(): Record<string, object> {
  const mappings: Record<string, { properties: Record<string, object> } | { type: 'alias'; path: string }> =
    {};
  for (const [name, path] of ecsAliases) {
    const [root, leaf] = name.split('.') as [string, string?];
    if (leaf === undefined) mappings[root] = { type: 'alias', path };
    else {
      const known = mappings[root];
      const properties = known !== undefined && 'properties' in known ? known.properties : {};
      mappings[root] = { properties: { ...properties, [leaf]: { type: 'alias', path } } };
    }
  }
  return mappings;
}

const deadLetterMappings = {
  ...meta,
  dynamic: false,
  properties: {
    letterId: keyword,
    stream: keyword,
    code: keyword,
    field: keyword,
    errorType: keyword,
    eventId: keyword,
    digest: keyword,
    deadLetteredAt: { type: 'date' },
    status: keyword,
    attempts: { type: 'integer' },
    changedAt: { type: 'date' },
    by: keyword,
    discardReason: keyword,
    body: { type: 'binary' },
  },
};

const stateMappings = {
  ...meta,
  dynamic: false,
  properties: {
    kind: keyword,
    stream: keyword,
    cursor: stored,
    seq: { type: 'long' },
    at: { type: 'date' },
    gapId: keyword,
    from: { type: 'date' },
    to: { type: 'date' },
    reason: keyword,
  },
};

export interface IndexBody {
  settings: Record<string, string | number>;
  mappings: object;
  aliases?: Record<string, object>;
}

export interface Template {
  name: string;
  body: {
    index_patterns: string[];
    priority: number;
    version: number;
    template: IndexBody;
    _meta: TemplateMeta;
  };
}

/** What a template says of itself: `fingerprint` differs where its body was made with other settings. */
interface TemplateMeta {
  application: 'trunkline';
  version: number;
  fingerprint: string;
}

/**
 * A longer prefix goes before a shorter one that it begins with (`genesys-audit-acme-` and `genesys-audit-`, where an organisation's indices
 * come to stand beside those of a single one): Elasticsearch takes no two templates of one priority for one name.
 */
function priorityOf(prefix: string): number {
  return 500 + 2 * Math.max(0, prefix.length - 'genesys-audit-'.length);
}

function templateName(prefix: string): string {
  return `${prefix}template`;
}

export function retentionPolicyName(prefix: string): string {
  return prefix === 'genesys-audit-' ? 'audit-retention-policy' : `${prefix}retention-policy`;
}

/** @param policy name of the ILM policy that deletes daily indices; `null` where the cluster has no ILM */
export function templates(settings: IndexSettings, policy: string | null): Template[] {
  const { indexPrefix, stateIndex, deadLetterIndex } = settings;
  const undated = undatedIndex(indexPrefix);
  const priority = priorityOf(indexPrefix);
  return [
    template(templateName(indexPrefix), `${indexPrefix}*`, priority, auditIndexBody(settings, policy)),
    // Of its own, because nothing deletes it: an index without a day has no age.
    template(`${undated}-template`, undated, priority + 1, auditIndexBody(settings, null)),
    template(`${deadLetterIndex}-template`, deadLetterIndex, 500, deadLetterIndexBody(settings)),
    template(`${stateIndex}-template`, stateIndex, 500, stateIndexBody(settings)),
  ];
}

export function auditIndexBody(settings: IndexSettings, policy: string | null): IndexBody {
  return {
    settings: {
      'index.number_of_shards': settings.shards,
      'index.number_of_replicas': settings.replicas,
      ...(policy === null ? {} : { 'index.lifecycle.name': policy }),
    },
    mappings: auditMappings,
    aliases: { [settings.alias]: {} },
  };
}

export function deadLetterIndexBody(settings: Pick<IndexSettings, 'replicas'>): IndexBody {
  return { settings: smallIndex(settings), mappings: deadLetterMappings };
}

export function stateIndexBody(settings: Pick<IndexSettings, 'replicas'>): IndexBody {
  return { settings: smallIndex(settings), mappings: stateMappings };
}

/** ILM counts the age from the day of the events, which each daily index states as its origination date. */
export function retentionPolicy(days: number): object {
  return {
    policy: {
      _meta: { application: 'trunkline', version: schemaVersion, days },
      phases: {
        hot: { min_age: '0ms', actions: {} },
        delete: { min_age: `${days}d`, actions: { delete: {} } },
      },
    },
  };
}

function smallIndex(settings: Pick<IndexSettings, 'replicas'>): Record<string, string | number> {
  return { 'index.number_of_shards': 1, 'index.number_of_replicas': settings.replicas };
}

function template(name: string, pattern: string, priority: number, body: IndexBody): Template {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([pattern, priority, body]))
    .digest('hex');
  return {
    name,
    body: {
      index_patterns: [pattern],
      priority,
      version: schemaVersion,
      template: body,
      _meta: { application: 'trunkline', version: schemaVersion, fingerprint: fingerprint.slice(0, 16) },
    },
  };
}
