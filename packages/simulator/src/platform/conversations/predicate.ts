import { z } from 'zod';
import type { MediaType } from '../../archive/archive-settings.ts';
import type { RowObject } from './analytics-row.ts';

/** Dimensions of a conversation as a whole that a filter may name. Source: genesys-api.md, 4. */
const CONVERSATION_DIMENSIONS = [
  'accessAttribute',
  'conversationEnd',
  'conversationId',
  'conversationInitiator',
  'conversationStart',
  'customerParticipation',
  'divisionId',
  'externalTag',
  'mediaStatsMinConversationMos',
  'originatingDirection',
  'originatingSocialMediaPublic',
] as const;
const DIVISIONS = 'divisionIds';

/** Dimensions of participants, sessions and segments: members of the SDK's models. */
const SEGMENT_DIMENSIONS = [
  ...['addressFrom', 'addressOther', 'addressSelf', 'addressTo', 'ani', 'callbackUserName', 'direction'],
  ...['disconnectType', 'dnis', 'edgeId', 'externalContactId', 'mediaType', 'messageType', 'participantName'],
  ...['participantId', 'peerId', 'provider', 'purpose', 'queueId', 'recording', 'remote', 'roomId'],
  ...['segmentEnd', 'segmentStart', 'segmentType', 'sessionDnis', 'sessionId', 'subject', 'teamId'],
  ...['usedRouting', 'userId', 'wrapUpCode', 'wrapUpNote'],
] as const;

/** Values that `mediaType` takes; another one is refused. */
const MEDIA_VALUES = [
  ...['callback', 'chat', 'cobrowse', 'email', 'internalmessage', 'message', 'screenmonitoring'],
  ...['screenshare', 'unknown', 'video', 'voice'],
];

const rangeSchema = z.strictObject({
  gt: z.number().optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
  lte: z.number().optional(),
});

function predicateShape<Dimension extends string>(dimensions: readonly Dimension[]) {
  return {
    type: z.enum(['dimension', 'property', 'metric']).default('dimension'),
    dimension: z.enum(dimensions as [Dimension, ...Dimension[]]).optional(),
    metric: z.string().optional(),
    operator: z.enum(['matches', 'exists', 'notExists']).default('matches'),
    value: z.string().optional(),
    range: rangeSchema.optional(),
  };
}

/** Rules over several members of a predicate. */
function checkPredicate(
  { type, dimension, metric, property, operator, value, range }: Predicate,
  context: z.RefinementCtx,
): void {
  const issue = (message: string) => context.addIssue({ code: 'custom', path: [], message });
  const named = { dimension, metric, property }[type];
  if (named === undefined) issue(`a predicate of type ${type} names its ${type}`);
  const hasValue = value !== undefined || range !== undefined;
  if (operator === 'matches' && !hasValue) issue('matches needs a value or a range');
  if (operator !== 'matches' && hasValue) issue(`${operator} takes no value`);
  if (range !== undefined && type === 'dimension') issue('a dimension takes a value, no range');
  if (dimension === 'mediaType' && value !== undefined && !MEDIA_VALUES.includes(value)) {
    issue(`mediaType is one of ${MEDIA_VALUES.join(', ')}`);
  }
}

function filterSchema<Of extends z.ZodType<Predicate>>(predicate: Of) {
  const type = z.enum(['and', 'or']);
  const predicates = z.array(predicate);
  return z
    .strictObject({
      type,
      predicates: predicates.optional(),
      clauses: z.array(z.strictObject({ type, predicates: predicates.min(1) })).optional(),
    })
    .refine(({ predicates: own, clauses }) => (own?.length ?? 0) + (clauses?.length ?? 0) > 0, {
      message: 'a filter has predicates or clauses',
    });
}

export const segmentFilterSchema = filterSchema(
  z
    .strictObject({
      ...predicateShape(SEGMENT_DIMENSIONS),
      propertyType: z.string().optional(),
      property: z.string().optional(),
    })
    .superRefine(checkPredicate),
);
export const conversationFilterSchema = filterSchema(
  z.strictObject(predicateShape(CONVERSATION_DIMENSIONS)).superRefine(checkPredicate),
);

interface Predicate {
  type: 'dimension' | 'property' | 'metric';
  dimension?: string | undefined;
  metric?: string | undefined;
  propertyType?: string | undefined;
  property?: string | undefined;
  operator: 'matches' | 'exists' | 'notExists';
  value?: string | undefined;
  range?: z.output<typeof rangeSchema> | undefined;
}
interface Filter {
  type: 'and' | 'or';
  predicates?: readonly Predicate[] | undefined;
  clauses?: readonly { type: 'and' | 'or'; predicates: readonly Predicate[] }[] | undefined;
}

export interface Filters {
  segmentFilters: readonly z.output<typeof segmentFilterSchema>[];
  conversationFilters: readonly z.output<typeof conversationFilterSchema>[];
}

/** Whether the filters ask for media types alone: then no row has to be made to tell. */
export function asksForMediaAlone({ segmentFilters, conversationFilters }: Filters): boolean {
  return (
    conversationFilters.length === 0 &&
    segmentFilters.every(({ predicates = [], clauses = [] }) =>
      [...predicates, ...clauses.flatMap((clause) => clause.predicates)].every(
        ({ dimension }) => dimension === 'mediaType',
      ),
    )
  );
}

/** Whether a conversation with sessions of these media types passes filters that ask for media types alone. */
export function passesByMedia({ segmentFilters }: Filters, mediaTypes: readonly MediaType[]): boolean {
  return mediaTypes.some((mediaType) =>
    segmentFilters.every((filter) => holds(filter, (predicate) => compare(predicate, () => mediaType))),
  );
}

/** Whether a row passes all filters: one of its segments has to satisfy every segment filter. */
export function passes({ segmentFilters, conversationFilters }: Filters, row: RowObject): boolean {
  const ofConversation = conversationFilters.every((filter) =>
    holds(filter, (predicate) =>
      compare(predicate, (name) => (name === 'divisionId' ? row[DIVISIONS] : row[name])),
    ),
  );
  if (!ofConversation) return false;
  if (segmentFilters.length === 0) return true;
  return row.participants.some((participant) =>
    participant.sessions.some((session) =>
      session.segments.some((segment) =>
        segmentFilters.every((filter) =>
          holds(filter, (predicate) =>
            compare(predicate, (name) =>
              predicate.type === 'metric'
                ? session.metrics.find((metric) => metric.name === name)?.value
                : (segment[name] ?? session[name] ?? participant[name]),
            ),
          ),
        ),
      ),
    ),
  );
}

function holds(filter: Filter, test: (predicate: Predicate) => boolean): boolean {
  const join = (type: 'and' | 'or', results: readonly boolean[]) =>
    type === 'and' ? results.every(Boolean) : results.some(Boolean);
  return join(filter.type, [
    ...(filter.predicates ?? []).map((predicate) => test(predicate)),
    ...(filter.clauses ?? []).map(({ type, predicates }) =>
      join(
        type,
        predicates.map((predicate) => test(predicate)),
      ),
    ),
  ]);
}

function compare(predicate: Predicate, read: (name: string) => unknown): boolean {
  const { dimension, metric, property, operator, value, range } = predicate;
  const found = read(dimension ?? metric ?? property ?? '');
  const values = (Array.isArray(found) ? found : [found]).filter((item) => item !== undefined);
  if (operator === 'exists') return values.length > 0;
  if (operator === 'notExists') return values.length === 0;
  if (range !== undefined) return values.some((item) => isWithin(numberOf(item), range));
  return values.some((item) => String(item) === value);
}

function isWithin(number: number, { gt, gte, lt, lte }: z.output<typeof rangeSchema>): boolean {
  return (
    number > (gt ?? Number.NEGATIVE_INFINITY) &&
    number >= (gte ?? Number.NEGATIVE_INFINITY) &&
    number < (lt ?? Number.POSITIVE_INFINITY) &&
    number <= (lte ?? Number.POSITIVE_INFINITY)
  );
}

/** Numbers of rows keep their digits as text, see `rawNumber`. */
function numberOf(value: unknown): number {
  return Number(typeof value === 'object' && value !== null ? JSON.stringify(value) : value);
}
