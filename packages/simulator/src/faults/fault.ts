import { z } from 'zod';
import { LAYOUTS } from '../archive/archive-settings.ts';
import { FAULT_GROUPS, FAULT_ROUTES } from './fault-route.ts';

const common = {
  /** Which requests; a group stands for its routes. */
  match: z.enum([...FAULT_ROUTES, ...FAULT_GROUPS]).default('eventstreams'),
  /** How often it strikes; null = until it is removed. */
  times: z.int().min(1).nullable().default(null),
  /** Chance of striking at each request that it could strike, drawn by seed. */
  probability: z.number().min(0).max(1).default(1),
  /** Leaves so many matching requests alone first. */
  after: z.int().min(0).default(0),
};

const fault = <Kind extends string, Shape extends z.core.$ZodLooseShape>(kind: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...common, ...shape });

const archives = { match: z.literal('archives').default('archives') };
/** Of bodies that can be resumed: the guide's archives, and presigned objects. */
const resumable = { match: z.enum(['archives', 'conversations-download']).default('archives') };
const jobs = { match: z.literal('conversations-jobs').default('conversations-jobs') };
const query = { match: z.literal('audits-query').default('audits-query') };
const eventBridge = { match: z.literal('event-bridge').default('event-bridge') };

/** One planned misbehaviour. Where several strike the same request, each does its part. */
export const faultSchema = z.discriminatedUnion('kind', [
  // Answered by the gateway: the request is not looked at.
  /**
   * 429 that tells the wait as `Retry-After` in seconds or as a date of the simulator's clock, in brackets at the end of
   * the message, or in `inin-ratelimit-reset`; or that tells none (null).
   */
  fault('rate-limit', {
    retryAfterSeconds: z.number().min(0).nullable().default(null),
    form: z.enum(['seconds', 'date', 'bracket', 'reset']).default('seconds'),
  }),
  /** Any other error status. */
  fault('status', {
    status: z.int().min(400).max(599).default(503),
    body: z.enum(['json', 'html', 'empty']).default('json'),
  }),
  /** 200 with a web page, as captive portals and maintenance pages send. */
  fault('html-200', {}),
  /** Any reply, word for word. */
  fault('raw', {
    status: z.int().min(200).max(599).default(200),
    contentType: z.string().default('application/json'),
    body: z.string(),
  }),

  // Credentials and permissions.
  /** Revokes every token issued so far; the request is answered 401. */
  fault('unauthorized', {}),
  /** 403 that names a permission: by default one that the endpoint needs. */
  fault('forbidden', { permission: z.string().optional() }),
  /** Right credentials are refused at the token endpoint. */
  fault('invalid-client', {
    match: z.literal('token').default('token'),
    status: z.literal([400, 401]).default(401),
  }),

  // The page.
  /** Every cursor issued so far expires; the request is answered 400 or 410. */
  fault('expired-cursor', { status: z.literal([400, 410]).default(400) }),
  /** `nextCursor` is the cursor of the request, though the page has events. */
  fault('repeated-cursor', {}),
  /** `nextCursor: null` on a page with events. */
  fault('null-cursor', {}),
  /** A part of the page with `nextCursor: null`: asked for again, it has grown. `events`: how many, default half. */
  fault('page-grew', { events: z.int().min(1).optional() }),
  /** So many events of the page stand in it twice. */
  fault('duplicates-in-page', { count: z.int().min(1).max(50).default(3) }),
  /** The page begins with the last events of the page before. */
  fault('duplicates-across-pages', { count: z.int().min(1).max(50).default(3) }),
  /** Puts an event with the id of an earlier one and another body at the head of the stream, for good. */
  fault('id-conflict', {}),
  /** No `nextCursor` in the reply. */
  fault('missing-cursor', {}),
  /** No events, and a new cursor for the same place. */
  fault('empty-page', {}),
  /** The page with white space between its events, to this size. */
  fault('huge-page', { bytes: z.int().min(1).max(500_000_000).default(50_000_000) }),

  // The archive.
  /** The digest headers stated are wrong; `both` sent: one of them may be. */
  fault('wrong-digest', { ...archives, header: z.enum(['repr-digest', 'x-checksum', 'all']).default('all') }),
  /** A `Range` is answered 200 with the whole body. */
  fault('range-ignored', resumable),
  /** The window is rewritten for good before it is answered: other text, ETag and digest. */
  fault('archive-rewritten', archives),
  /** The ETag is one that no other reply has; the bytes are the same. */
  fault('new-etag', resumable),
  /** Other bytes of the same length under the same ETag and digest. */
  fault('other-bytes', archives),
  /** The byte at `at` (null: the middle) is another one (default: a control character); digest and ETag are right for it. */
  fault('broken-json', {
    ...archives,
    at: z.int().min(0).nullable().default(null),
    byte: z.int().min(0).max(255).default(1),
  }),
  /** The body ends after so many bytes (null: half); length, digest and ETag are right for it. */
  fault('truncated-json', { ...archives, bytes: z.int().min(0).nullable().default(null) }),
  /** White space between and in conversations. */
  fault('layout', { ...archives, layout: z.enum(LAYOUTS).default('pretty') }),
  /** No `Content-Length`. */
  fault('no-length', archives),
  /** The `Content-Length` is off by so many bytes; the connection is closed behind the body. */
  fault('wrong-length', { ...archives, by: z.int().default(10) }),

  // Conversations of the platform contract.
  /** The job has failed. */
  fault('job-failed', jobs),
  /** Its results have expired. */
  fault('job-expired', jobs),
  /** Nobody knows of the job any more, when its results are asked for. */
  fault('job-lost', jobs),
  /** 202: the transcript is not ready yet. */
  fault('transcript-pending', {
    match: z.literal('conversations-transcripts').default('conversations-transcripts'),
  }),
  /** A message is left out of the reply to the request for many, the last one; a mail answers 404 though it is listed. */
  fault('text-left-out', {
    match: z.literal('conversations-messages').default('conversations-messages'),
  }),
  /** 403: the presigned link has expired. */
  fault('link-expired', {
    match: z.enum(['conversations-download', 'audits-download']).default('conversations-download'),
  }),
  // The audits of the platform.
  /**
   * The first young rows of the interval (by the simulator's clock) are not shown yet: the next request finds them, and every
   * later row on another page. It waits for a request that has some.
   */
  fault('held-back', {
    match: z.literal('audits-realtime').default('audits-realtime'),
    rows: z.int().min(1).default(10),
    youngerSeconds: z.number().gt(0).default(600),
  }),
  /** A history query is refused as if another one were running. */
  fault('query-busy', query),
  /** A history query is found failed when its state is asked for, for good. */
  fault('query-failed', query),
  /** A history query is forgotten: 404. */
  fault('query-lost', { match: z.enum(['audits-query', 'audits-results']).default('audits-query') }),
  /** The cursor of a page of results is refused. */
  fault('cursor-refused', { match: z.literal('audits-results').default('audits-results') }),

  // The event bridge.
  /** Answers 2xx, e.g. 202; what is not 200 or 202 is no success under the contract. */
  fault('accepted', { ...eventBridge, status: z.int().min(200).max(299).default(202) }),
  /** Elsewhere; of the event bridge where no `match` says otherwise. */
  fault('redirect', {
    match: z.enum([...FAULT_ROUTES, ...FAULT_GROUPS]).default('event-bridge'),
    status: z.literal([301, 302, 303, 307, 308]).default(302),
    location: z.string().default('http://127.0.0.1:9/'),
  }),

  // The reply's way to the client.
  /** The connection is reset before a byte of the reply. */
  fault('reset', {}),
  /** The connection is reset in the middle of the body. `bytes`: of the body before it, default half. */
  fault('reset-mid-body', { bytes: z.int().min(0).optional() }),
  /** The connection is closed in the middle of the body. */
  fault('cut', { bytes: z.int().min(0).optional() }),
  /** Half of the body, with the `Content-Length` of that half. */
  fault('truncate', { bytes: z.int().min(0).optional() }),
  /** The body comes in small pieces over this time. */
  fault('slow-body', {
    durationMs: z.int().min(1).default(2000),
    pieces: z.int().min(1).max(1000).default(20),
  }),
  /** The whole reply comes late. */
  fault('delay', { ms: z.int().min(0).default(1000) }),
  /** So many bytes of the body (null: not even the status line), then nothing until the client gives up or `ms` passed. */
  fault('stall', { bytes: z.int().min(0).nullable().default(null), ms: z.int().min(1).default(3_600_000) }),

  // Headers.
  /** The `Date` header is off by this much; null: there is none. */
  fault('date-offset', { seconds: z.number().nullable().default(600) }),
]);

export type Fault = z.output<typeof faultSchema>;
/** As a caller writes it: `{ kind: 'rate-limit', times: 1, retryAfterSeconds: 2 }`. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultKind = Fault['kind'];
