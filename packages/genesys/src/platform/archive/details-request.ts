import type { ArchiveQuery } from '../../archive/archive-source.ts';

/** What the permissions of every call for conversation details are; one of them is enough. */
export const detailsPermissions = [
  'analytics:conversationDetail:view',
  'analytics:agentConversationDetail:view',
];

/** The conversations of some media types in an interval, for the query and for a job alike. There is no "in": the types are alternatives. */
export function detailsRequest(
  query: Pick<ArchiveQuery, 'from' | 'to' | 'mediaTypes'>,
  from: string = query.from,
) {
  return {
    interval: `${from}/${query.to}`,
    segmentFilters: [
      {
        type: 'or',
        predicates: query.mediaTypes.map((value) => ({
          type: 'dimension',
          dimension: 'mediaType',
          operator: 'matches',
          value,
        })),
      },
    ],
  };
}

/**
 * Whether a conversation belongs to the window: to the one in which it starts. Genesys answers with more (a query: all that started on
 * a day which the interval touches; a job: all with any activity in it). One that does not say when it started is taken: rather twice
 * than not at all.
 */
export function startsInside(query: ArchiveQuery, startMs: number | null): boolean {
  return startMs === null || (startMs >= Date.parse(query.from) && startMs < Date.parse(query.to));
}
