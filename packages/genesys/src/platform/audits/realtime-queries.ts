import { TrunklineError } from '@trunkline/contracts';
import { type Range, scanObject } from '@trunkline/json-source';
import type { GenesysCall } from '../../http.ts';
import type { Reply } from '../../transport.ts';
import { auditPermissions, intervalText, oldestFirst } from './audit-query.ts';
import type { PageCounts } from './tail-state.ts';

/** A page of a window. */
export interface RealtimeQuery {
  /** ms since 1970, [from, to). */
  from: number;
  to: number;
  /** `null`: all services. */
  service: string | null;
  /** From 1. */
  page: number;
  pageSize: number;
}

export interface RealtimePage {
  counts: PageCounts;
  /** The source text of each event, as views of the reply. */
  events: Buffer[];
  serverDate: Date | null;
  durationMs: number;
  bytes: number;
}

/** Genesys refused a query that names no service: each has to be asked for by itself. */
export class ServiceWanted extends TrunklineError {
  constructor() {
    super('GENESYS_REQUEST_REFUSED', {
      message: 'Genesys answered 400 to an audit query without a service.',
    });
  }
}

/**
 * The call of a page. Facts: genesys-api.md, section 2. That a query may be without a service is not documented: a 400 to such
 * a one is told apart. The order of events is asked for; whether `to` belongs to the window is not documented, and of no matter:
 * what is met twice is a repeat, and sweeps go over the ends of windows.
 */
export function realtimeCall(query: RealtimeQuery): GenesysCall<RealtimePage> {
  const { service, page, pageSize } = query;
  return {
    what: 'the audit query',
    method: 'POST',
    path: '/api/v2/audits/query/realtime?expand=user',
    body: JSON.stringify({
      interval: intervalText(query),
      ...(service === null ? {} : { serviceName: service }),
      sort: oldestFirst,
      pageNumber: page,
      pageSize,
    }),
    permissions: auditPermissions,
    refusal: (status) => (status === 400 && service === null ? new ServiceWanted() : null),
    decode: realtimePage,
  };
}

function realtimePage(body: Buffer, reply: Reply): RealtimePage {
  const page = scanObject(body, 'entities');
  if (page === null) throw unreadable('is not a JSON object');
  const count = (name: string) => countOf(body, page.members.get(name));
  const total = count('total');
  // Every field is optional in Genesys' model; an answer without events must at least say so.
  if (page.elements === null && total !== 0) throw unreadable('has no array of entities');
  const events = (page.elements ?? []).map(({ from, to }) => body.subarray(from, to));
  return {
    counts: { events: events.length, pageCount: count('pageCount'), total },
    events,
    serverDate: reply.serverDate,
    durationMs: reply.durationMs,
    bytes: body.length,
  };
}

function countOf(body: Buffer, range: Range | undefined): number | null {
  if (range === undefined) return null;
  const value: unknown = JSON.parse(body.toString('utf8', range.from, range.to));
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
}

function unreadable(why: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys' reply to the audit query ${why}.`,
    remedy: 'The page is asked for again and never skipped; if it lasts, check the API base and any proxy.',
  });
}
