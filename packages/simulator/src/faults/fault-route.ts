/** What a request is for, by which faults choose it and the request log counts it. */
export const FAULT_ROUTES = [
  'token',
  'eventstreams',
  'archives',
  'event-bridge',
  'audits-realtime',
  'audits-query',
  'audits-results',
  'audits-download',
  'audits-services',
  'conversations-query',
  'conversations-jobs',
  'conversations-transcripts',
  'conversations-download',
  'conversations-messages',
] as const;

export type FaultRoute = (typeof FAULT_ROUTES)[number];

/** Names for several routes: those that begin with the name and a dash; `any` = all but the event bridge. */
export const FAULT_GROUPS = ['audits', 'conversations', 'any'] as const;

export type FaultMatch = FaultRoute | (typeof FAULT_GROUPS)[number];

export function strikes(match: FaultMatch, route: FaultRoute): boolean {
  if (match === 'any') return route !== 'event-bridge';
  return match === route || route.startsWith(`${match}-`);
}
