import { z } from 'zod';
import { DAY_MS } from '../../archive/calendar.ts';
import { intervalSchema } from '../interval.ts';
import { conversationFilterSchema, segmentFilterSchema } from './predicate.ts';

/** Longer intervals are refused (genesys-api.md, 4). */
const LONGEST_MS = 31 * DAY_MS;
/** The largest page, as far as is known [U]. */
const LARGEST_PAGE = 100;
const USUAL_PAGE = 25;

const others = z.array(z.looseObject({ type: z.enum(['and', 'or']) })).default([]);

/** What both queries share. */
const common = {
  interval: intervalSchema.refine(({ fromMs, toMs }) => toMs - fromMs <= LONGEST_MS, {
    message: 'the interval may not be longer than 31 days',
  }),
  order: z.enum(['asc', 'desc', 'unordered']).default('asc'),
  orderBy: z
    .enum(['conversationStart', 'conversationEnd', 'segmentStart', 'segmentEnd'])
    .default('conversationStart'),
  segmentFilters: z.array(segmentFilterSchema).default([]),
  conversationFilters: z.array(conversationFilterSchema).default([]),
  evaluationFilters: others,
  surveyFilters: others,
  resolutionFilters: others,
};

/** `ConversationQuery` of the SDK. */
export const querySchema = z.strictObject({
  ...common,
  aggregations: z.array(z.looseObject({ type: z.string() })).optional(),
  // Both are needed where one is.
  paging: z
    .strictObject({ pageSize: z.int().min(1).max(LARGEST_PAGE), pageNumber: z.int().min(1) })
    .default({ pageSize: USUAL_PAGE, pageNumber: 1 }),
});

/** `AsyncConversationQuery` of the SDK: neither `paging` nor `aggregations`. */
export const jobSchema = z.strictObject({
  ...common,
  limit: z.int().min(1).optional(),
  startOfDayIntervalMatching: z.boolean().default(false),
});

type Asked = z.output<typeof querySchema> | z.output<typeof jobSchema>;

/** What a query asks for of the search. */
export function searchOf(asked: Asked) {
  const { interval, order, orderBy, segmentFilters, conversationFilters } = asked;
  return {
    fromMs: interval.fromMs,
    toMs: interval.toMs,
    filters: { segmentFilters, conversationFilters },
    order: order === 'desc' ? ('desc' as const) : ('asc' as const),
    orderBy,
  };
}

/** No conversation here was evaluated, surveyed or resolved: whatever asks for one finds nothing. */
export function findsNothing({ evaluationFilters, surveyFilters, resolutionFilters }: Asked): boolean {
  return evaluationFilters.length + surveyFilters.length + resolutionFilters.length > 0;
}
