import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import { type Range, scanObject } from '@trunkline/json-source';
import { z } from 'zod';
import type { GenesysCall } from '../../http.ts';
import type { Reply } from '../../transport.ts';
import { auditPermissions, intervalText, oldestFirst } from './audit-query.ts';
import type { HistoryWindow } from './history-window.ts';

/** Where a query stands. */
export interface QueryStatus {
  id: string | null;
  /** A state that is not known is one that may still end well. */
  state: 'running' | 'succeeded' | 'failed';
  serverDate: Date | null;
}

/** What Genesys gives of a query's result. */
export type ResultPage =
  /** The source text of each event, as views of the reply. `cursor` null: the last page. */
  | { kind: 'events'; events: Buffer[]; cursor: string | null; reply: Reply }
  /** A result that is large is to be downloaded. */
  | { kind: 'download'; url: string; cursor: string | null; reply: Reply }
  /** Genesys does not know the query. */
  | { kind: 'lost'; reply: Reply };

/** Another history query of the organisation is under way: Genesys takes one at a time. */
export class HistoryBusy extends TrunklineError {
  constructor(code: ErrorCode = 'GENESYS_REQUEST_REFUSED') {
    super(code, { message: 'Another audit history query of the organisation is under way.' });
  }
}

/** Events a page of a result; the most that Genesys gives. */
const resultPageSize = 500;

/**
 * Statuses that say that there is no such query or cursor (any more). A 400 too: nothing else is asked for here that could be wrong for
 * good, and a window that is begun anew costs repeats alone.
 */
const lostStatuses = [400, 404, 410];

/**
 * Which status says that another query runs is not documented; nor is the text. Facts: genesys-api.md, section 2, "Limits".
 */
const busyText =
  /one (quer|audit|at a time)|at a time|already (running|in progress|exists|executing)|concurrent|in progress/i;

export function submitCall(window: Pick<HistoryWindow, 'from' | 'to' | 'service'>): GenesysCall<QueryStatus> {
  return {
    what: 'the audit history query',
    method: 'POST',
    path: '/api/v2/audits/query',
    body: JSON.stringify({
      interval: intervalText(window),
      ...(window.service === null ? {} : { serviceName: window.service }),
      sort: oldestFirst,
    }),
    permissions: auditPermissions,
    refusal: (status, text) =>
      status === 409 || ((status === 400 || status === 429) && busyText.test(text))
        ? new HistoryBusy()
        : null,
    decode: (body, reply) => {
      const status = statusOf(body, reply);
      if (status.id === null) throw unreadable('names no transaction');
      return status;
    },
  };
}

/** `null`: Genesys does not know the query. */
export function statusCall(transaction: string): GenesysCall<QueryStatus | null> {
  return {
    what: 'the state of the audit history query',
    method: 'GET',
    path: `/api/v2/audits/query/${encodeURIComponent(transaction)}`,
    body: null,
    permissions: auditPermissions,
    refusal: null,
    alsoWanted: lostStatuses,
    decode: (body, reply) => (lostStatuses.includes(reply.status) ? null : statusOf(body, reply)),
  };
}

export function resultCall(transaction: string, cursor: string | null): GenesysCall<ResultPage> {
  const query = new URLSearchParams({
    pageSize: String(resultPageSize),
    expand: 'user',
    allowRedirect: 'true',
    ...(cursor === null ? {} : { cursor }),
  });
  return {
    what: 'the result of the audit history query',
    method: 'GET',
    path: `/api/v2/audits/query/${encodeURIComponent(transaction)}/results?${query}`,
    body: null,
    permissions: auditPermissions,
    refusal: null,
    // A redirect is not followed: its body names what is to be downloaded, and may have a cursor for more.
    alsoWanted: [302, ...lostStatuses],
    decode: resultPage,
  };
}

const status = z.object({ id: z.string().min(1).nullish(), state: z.string().nullish() });

function statusOf(body: Buffer, reply: Reply): QueryStatus {
  const read = status.safeParse(parsed(body));
  if (!read.success) throw unreadable('is not the state of a query');
  const { id, state } = read.data;
  return { id: id ?? null, state: stateOf(state ?? ''), serverDate: reply.serverDate };
}

function stateOf(state: string): QueryStatus['state'] {
  switch (state.toLowerCase()) {
    case 'succeeded':
      return 'succeeded';
    case 'failed':
    case 'cancelled':
      return 'failed';
    default:
      return 'running';
  }
}

function resultPage(body: Buffer, reply: Reply): ResultPage {
  if (lostStatuses.includes(reply.status)) return { kind: 'lost', reply };
  const page = scanObject(body, 'entities');
  if (page === null) throw unreadable('is not a JSON object');
  const cursor = textOf(body, page.members.get('cursor'));
  const url = textOf(body, page.members.get('downloadUrl')) ?? reply.headers.get('location') ?? null;
  if (url !== null && page.elements === null) return { kind: 'download', url, cursor, reply };
  if (page.elements === null) throw unreadable('has neither events nor a link to them');
  return {
    kind: 'events',
    events: page.elements.map(({ from, to }) => body.subarray(from, to)),
    cursor,
    reply,
  };
}

/** `null` where it is no text, or an empty one. */
function textOf(body: Buffer, range: Range | undefined): string | null {
  if (range === undefined) return null;
  const value: unknown = JSON.parse(body.toString('utf8', range.from, range.to));
  return typeof value === 'string' && value !== '' ? value : null;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function unreadable(why: string): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys' reply to the audit history query ${why}.`,
    remedy: 'It is asked for again and nothing is skipped; if it lasts, check the API base and any proxy.',
  });
}
