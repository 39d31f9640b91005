import { z } from 'zod';
import { errorReply } from '../../http/error-reply.ts';
import type { ReceivedRequest } from '../../http/received-request.ts';
import type { Reply } from '../../http/reply.ts';
import { jsonReply } from '../../http/reply.ts';
import type { SealedText } from '../../sealed-text.ts';
import type { World } from '../../world.ts';
import { type PlatformRoute, platformRoute, refused, wholeNumber } from '../platform-route.ts';
import { type DetailsJob, DetailsJobs } from './details-jobs.ts';
import type { Hits, Searches } from './hits.ts';
import type { Outline } from './outline.ts';
import type { Rendition } from './rendition.ts';
import { findsNothing, jobSchema, querySchema, searchOf } from './search-schema.ts';

const access = {
  kind: 'bearer',
  permissions: ['analytics:conversationDetail:view', 'analytics:agentConversationDetail:view'],
  need: 'any',
} as const;

const PATH = '/api/v2/analytics/conversations';
const CURSOR = 'details-job';
const NOTHING: Hits = { count: 0, outlines: () => [] };
/** The largest page of results, as far as is known [U]. */
const LARGEST_RESULTS = 1000;
const MOST_IDS = 50;

export interface DetailsParts {
  world: World;
  rendition: Rendition;
  searches: Searches;
  sealed: SealedText;
}

/** Conversation details: the synchronous query, jobs on the data lake, and single conversations. */
export function detailsRoutes(parts: DetailsParts): PlatformRoute[] {
  const { world, rendition } = parts;
  const now = () => world.clock.now();
  const rows = (outlines: readonly Outline[], attributes: boolean) =>
    `[${outlines.map((outline) => rendition.row(outline, attributes, now()).text).join(',')}]`;
  return [
    platformRoute({
      method: 'POST',
      path: `${PATH}/details/query`,
      route: 'conversations-query',
      access,
      speaks: isPlatformQuery,
      body: querySchema,
      answer: async ({ body }) => {
        const { pageSize, pageNumber } = body.paging;
        if (pageSize > (world.archive.largestPage ?? Number.POSITIVE_INFINITY)) {
          return errorReply(413, 'payload.too.large', 'The response is larger than the service can send.');
        }
        const hits = findsNothing(body)
          ? NOTHING
          : await parts.searches.find({
              ...searchOf(body),
              matching: 'start-of-day',
              endedBeforeMs: Number.POSITIVE_INFINITY,
            });
        const page = hits.outlines((pageNumber - 1) * pageSize, pageNumber * pageSize);
        // The real service leaves the member out where there is none [U].
        const conversations = page.length === 0 ? '' : `"conversations":${rows(page, false)},`;
        const aggregations = body.aggregations === undefined ? '' : ',"aggregations":[]';
        return json(200, `{${conversations}"totalHits":${hits.count}${aggregations}}`);
      },
    }),
    platformRoute({
      method: 'GET',
      path: `${PATH}/details`,
      route: 'conversations-query',
      access,
      query: z.strictObject({ id: z.union([z.string(), z.array(z.string())]) }),
      answer: ({ query }) => {
        const ids = [query.id].flat().flatMap((list) => list.split(','));
        if (ids.length > MOST_IDS)
          return refused('id', `At most ${MOST_IDS} conversations can be asked for.`);
        const found = ids.flatMap((id) => rendition.find(id) ?? []);
        return json(200, `{"conversations":${rows(found, false)}}`);
      },
    }),
    platformRoute({
      method: 'GET',
      path: `${PATH}/{conversationId}/details`,
      route: 'conversations-query',
      access,
      answer: ({ params }) => {
        const found = rendition.find(params['conversationId'] ?? '');
        return found === null ? notFound() : json(200, rendition.row(found, false, now()).text);
      },
    }),
    ...jobRoutes(parts, rows),
  ];
}

function jobRoutes(
  { world, searches, sealed }: DetailsParts,
  rows: (outlines: readonly Outline[], attributes: boolean) => string,
): PlatformRoute[] {
  const jobs = new DetailsJobs();
  const now = () => world.clock.now();
  const availableUntil = () => now() - world.archive.lakeLagMinutes * 60_000;
  const common = { route: 'conversations-jobs', access } as const;
  const path = `${PATH}/details/jobs/{jobId}`;
  return [
    platformRoute({
      ...common,
      method: 'POST',
      path: `${PATH}/details/jobs`,
      body: jobSchema,
      answer: async ({ body }) => {
        const availableUntilMs = availableUntil();
        const hits = findsNothing(body)
          ? NOTHING
          : await searches.find({
              ...searchOf(body),
              matching: body.startOfDayIntervalMatching ? 'start-of-day' : 'activity',
              endedBeforeMs: availableUntilMs,
            });
        const limit = body.limit ?? Number.POSITIVE_INFINITY;
        const { id } = jobs.submit({ hits, limit, availableUntilMs }, now());
        return jsonReply(202, { jobId: id });
      },
    }),
    // Before the one with a name in its place.
    platformRoute({
      ...common,
      method: 'GET',
      path: `${PATH}/details/jobs/availability`,
      answer: () => jsonReply(200, { dataAvailabilityDate: new Date(availableUntil()).toISOString() }),
    }),
    platformRoute({
      ...common,
      method: 'GET',
      path,
      answer: ({ params, strike }) => {
        const job = jobs.find(params['jobId'] ?? '', now());
        if (job === null) return notFound();
        const fault = strike.take('job-failed', 'job-expired');
        if (fault?.kind === 'job-failed') jobs.end(job, 'FAILED', now());
        if (fault?.kind === 'job-expired') job.state = 'EXPIRED';
        const state = jobs.asked(job, now());
        return jsonReply(state === 'QUEUED' || state === 'PENDING' ? 202 : 200, statusOf(job, state));
      },
    }),
    platformRoute({
      ...common,
      method: 'DELETE',
      path,
      answer: ({ params }) => {
        const job = jobs.find(params['jobId'] ?? '', now());
        if (job === null) return notFound();
        jobs.end(job, 'CANCELLED', now());
        return { status: 204, headers: {}, body: Buffer.alloc(0) };
      },
    }),
    platformRoute({
      ...common,
      method: 'GET',
      path: `${path}/results`,
      query: z.strictObject({
        cursor: z.string().optional(),
        pageSize: wholeNumber(1, LARGEST_RESULTS).default(LARGEST_RESULTS),
      }),
      answer: ({ params, query, strike }) => {
        const id = params['jobId'] ?? '';
        if (strike.take('job-lost') !== null) jobs.forget(id);
        const job = jobs.find(id, now());
        if (job === null) return notFound();
        if (job.state !== 'FULFILLED') return refused('jobId', `The job is ${job.state}, not FULFILLED.`);
        const first = query.cursor === undefined ? 0 : cursorOf(sealed, job, query.cursor);
        if (first === null) return refused('cursor', 'The cursor is not one of this job.');
        const count = Math.min(job.hits.count, job.limit);
        const end = Math.min(count, first + query.pageSize);
        const cursor =
          end < count ? `"cursor":${JSON.stringify(sealed.seal(CURSOR, [end, numberOf(job)]))},` : '';
        const available = new Date(job.availableUntilMs).toISOString();
        return json(
          200,
          `{"conversations":${rows(job.hits.outlines(first, end), true)},${cursor}"dataAvailabilityDate":"${available}"}`,
        );
      },
    }),
  ];
}

function statusOf(job: DetailsJob, state: string): object {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    state,
    ...(state === 'FAILED' ? { errorMessage: 'The query could not be completed.' } : {}),
    submissionDate: time(job.submittedMs),
    ...(job.endedMs !== null && state !== 'PENDING' ? { completionDate: time(job.endedMs) } : {}),
    expirationDate: time(job.expiresMs),
  };
}

/** Where a page begins; null where the cursor is of another job. */
function cursorOf(sealed: SealedText, job: DetailsJob, cursor: string): number | null {
  const numbers = sealed.open(CURSOR, cursor);
  return numbers?.length === 2 && numbers[1] === numberOf(job) ? (numbers[0] ?? null) : null;
}

function numberOf({ id }: DetailsJob): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

/**
 * The guide contract has the same path. Its requests name a storage class and a range from `from` to `to`; whatever
 * does neither is the platform's.
 */
function isPlatformQuery({ headers, body }: ReceivedRequest): boolean {
  if (headers['x-genesys-storage-class'] !== undefined) return false;
  try {
    const value: unknown = JSON.parse(body?.toString() ?? '');
    return !(typeof value === 'object' && value !== null && ('from' in value || 'to' in value));
  } catch {
    return true;
  }
}

export function notFound(): Reply {
  return errorReply(404, 'not.found', 'The requested resource was not found.');
}

/** JSON text as it is: rows keep their digits. */
export function json(status: number, text: string): Reply {
  return { status, headers: { 'Content-Type': 'application/json' }, body: Buffer.from(text) };
}
