import { z } from 'zod';
import type { Strike } from '../../faults/fault-plan.ts';
import { errorReply } from '../../http/error-reply.ts';
import { jsonReply, type Reply } from '../../http/reply.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { SealedText } from '../../sealed-text.ts';
import type { World } from '../../world.ts';
import type { Interval } from '../interval.ts';
import { expansion, type PlatformRoute, platformRoute, refused, wholeNumber } from '../platform-route.ts';
import type { PresignedLinks } from '../presigned-links.ts';
import { expiredLinkReply } from '../presigned-links.ts';
import { storedObject } from '../stored-object.ts';
import { queryBody, realtimeBody } from './audit-request.ts';
import type { AuditRows } from './audit-rows.ts';
import type { AuditSettings } from './audit-settings.ts';
import type { PlatformShape } from './audit-shape.ts';
import type { HistoryQueries, SavedQuery } from './history-queries.ts';
import type { Renditions } from './renditions.ts';
import { serviceMapping } from './services.ts';

interface Parts {
  world: World;
  ledger: Ledger;
  sealed: SealedText;
  links: PresignedLinks;
  rows: AuditRows;
  renditions: Renditions;
  queries: HistoryQueries;
  settings: AuditSettings;
}

/** What every call about audits needs. */
const access = { kind: 'bearer', permissions: ['audits:audit:view'] } as const;

const DAY_MS = 86_400_000;
/** As the real service words it. */
const HISTORY_DAYS = 31;
const REALTIME_DAYS = 14;

const resultsQuery = z.strictObject({
  cursor: z.string().min(1).optional(),
  pageSize: wholeNumber(1, 500).default(25),
  expand: expansion('user'),
  allowRedirect: z.enum(['true', 'false']).default('false'),
});

const CURSOR = 'audit-results';

/** The audit side of the platform's API, but for `realtime/related`, which nobody here calls. */
export function auditRoutes(parts: Parts): PlatformRoute[] {
  const { world, ledger, rows, renditions, queries, settings, sealed, links } = parts;

  const text = (positions: readonly number[], shape: PlatformShape): string =>
    `[${positions.map((n) => renditions.rendition(n, shape).source).join(',')}]`;

  /** A body whose rows stand in the ledger before its last byte leaves. */
  const delivered = (
    reply: Reply,
    positions: readonly number[],
    shape: PlatformShape,
    at: number,
  ): Reply => ({
    ...reply,
    deliver: () => {
      ledger.record(positions, at, shape);
      return (whole) => {
        if (!whole) ledger.withdraw(positions, at, shape);
      };
    },
  });

  /** The rows without those that a fault holds back. */
  const withoutHeldBack = (found: readonly number[], strike: Strike): number[] => {
    const ageMs = (n: number) => world.clock.now() - world.schedule.entry(n).dateMs;
    // A row that is older would be later than any client waits for.
    const fault = strike.takeWhere('held-back', ({ youngerSeconds }) =>
      found.some((n) => ageMs(n) < youngerSeconds * 1000),
    );
    if (fault === null) return [...found];
    const held = found.filter((n) => ageMs(n) < fault.youngerSeconds * 1000).slice(0, fault.rows);
    return found.filter((n) => !held.includes(n));
  };

  const realtime = platformRoute({
    method: 'POST',
    path: '/api/v2/audits/query/realtime',
    route: 'audits-realtime',
    access,
    query: z.strictObject({ expand: expansion('user') }),
    body: realtimeBody,
    answer: async ({ query: { expand }, body, strike, at }) => {
      const now = world.clock.now();
      const wrong = realtimeRefusal(body, settings, now);
      if (wrong !== null) return wrong;
      const found = await rows.find(
        { interval: body.interval, serviceName: body.serviceName ?? null, filters: body.filters },
        now,
        'realtime',
      );
      const shown = withoutHeldBack(found, strike);
      if (body.sort[0]?.sortOrder !== 'ascending') shown.reverse();
      const start = (body.pageNumber - 1) * body.pageSize;
      const page = shown.slice(start, start + body.pageSize);
      const shape = expand.length > 0 ? 'realtime' : 'realtime-plain';
      const pageCount = Math.ceil(shown.length / body.pageSize);
      const reply = bodyOf(
        `{"entities":${text(page, shape)},"pageSize":${body.pageSize},"pageNumber":${body.pageNumber},` +
          `"total":${shown.length},"pageCount":${pageCount}}`,
      );
      return {
        ...delivered(reply, page, shape, at),
        poll: { cursor: true, events: page.length, drained: body.pageNumber >= pageCount },
      };
    },
  });

  const submit = platformRoute({
    method: 'POST',
    path: '/api/v2/audits/query',
    route: 'audits-query',
    access,
    body: queryBody,
    answer: ({ body, strike }) => {
      const { interval, serviceName, filters } = body;
      if (interval.toMs - interval.fromMs > HISTORY_DAYS * DAY_MS) {
        return refused('interval', `The interval must not be longer than ${HISTORY_DAYS} days.`);
      }
      if (strike.take('query-busy')) return busyReply(settings);
      const saved = queries.submit(
        { interval, serviceName: serviceName ?? null, filters },
        body.sort[0]?.sortOrder ?? null,
      );
      return saved === null ? busyReply(settings) : jsonReply(202, statusOf(saved, queries));
    },
  });

  /** The query of a request, if it is still there. */
  const found = (id: string | undefined, lost: unknown): SavedQuery | Reply => {
    const saved = queries.find(id ?? '');
    if (saved !== null && lost !== null) queries.forget(saved.id);
    return saved === null || lost !== null ? noQueryReply() : saved;
  };

  const status = platformRoute({
    method: 'GET',
    path: '/api/v2/audits/query/{transactionId}',
    route: 'audits-query',
    access,
    answer: ({ params, strike }) => {
      const known = found(params['transactionId'], strike.take('query-lost'));
      if ('body' in known) return known;
      if (strike.take('query-failed')) queries.fail(known.id);
      const saved = queries.find(known.id) ?? known;
      const state = queries.stateOf(saved);
      return jsonReply(state === 'Queued' || state === 'Running' ? 202 : 200, statusOf(saved, queries));
    },
  });

  const results = platformRoute({
    method: 'GET',
    path: '/api/v2/audits/query/{transactionId}/results',
    route: 'audits-results',
    access,
    query: resultsQuery,
    answer: async ({ params, query: { cursor, pageSize, expand, allowRedirect }, request, strike, at }) => {
      const saved = found(params['transactionId'], strike.take('query-lost'));
      if ('body' in saved) return saved;
      if (queries.stateOf(saved) !== 'Succeeded') {
        return errorReply(400, 'bad.request', 'The audit query has no results (yet).');
      }
      const start = cursor === undefined ? 0 : openCursor(sealed, saved.id, cursor);
      if (start === null || (cursor !== undefined && strike.take('cursor-refused'))) {
        return refused('cursor', 'The cursor is not valid.', 'invalid.cursor');
      }
      const all = await queries.rows(saved);
      const isFile = allowRedirect === 'true' && all.length > settings.inlineRows;
      const end = Math.min(all.length, start + (isFile ? settings.fileRows : pageSize));
      const next = end < all.length ? `"cursor":${JSON.stringify(sealCursor(sealed, saved.id, end))},` : '';
      const head = `"id":"${saved.id}","pageSize":${pageSize},${next}`;
      if (isFile) {
        const url = links.sign(request, `audits/${saved.id}/${start}-${end}.json`, settings.linkSeconds);
        return { ...bodyOf(`{${head}"downloadUrl":${JSON.stringify(url)}}`), status: settings.linkStatus };
      }
      const page = all.slice(start, end);
      const shape = expand.length > 0 ? 'history' : 'history-plain';
      return delivered(bodyOf(`{${head}"entities":${text(page, shape)}}`), page, shape, at);
    },
  });

  const download = platformRoute({
    method: 'GET',
    path: '/presigned/audits/{transactionId}/{file}',
    route: 'audits-download',
    access: { kind: 'presigned' },
    query: z.looseObject({}),
    answer: async ({ params, request, strike, at }) => {
      if (strike.take('link-expired')) return expiredLinkReply();
      const saved = queries.find(params['transactionId'] ?? '');
      const [start = 0, end = 0] =
        /^(\d+)-(\d+)\.json$/
          .exec(params['file'] ?? '')
          ?.slice(1)
          .map(Number) ?? [];
      if (saved === null) return expiredLinkReply();
      const page = (await queries.rows(saved)).slice(start, end);
      const body = Buffer.from(text(page, 'download'));
      const { deliver } = delivered(bodyOf(''), page, 'download', at);
      return storedObject(request, { body, contentType: 'application/json' }, deliver ?? (() => () => {}));
    },
  });

  const mapping = (path: string, wanted: (name: string) => boolean) =>
    platformRoute({
      method: 'GET',
      path,
      route: 'audits-services',
      access,
      answer: () => jsonReply(200, serviceMapping(wanted)),
    });

  return [
    mapping('/api/v2/audits/query/servicemapping', () => true),
    mapping('/api/v2/audits/query/realtime/servicemapping', (name) => !isHistoryOnly(settings, name)),
    realtime,
    submit,
    // Behind the paths with a word of their own in the place of the id.
    status,
    results,
    download,
  ];
}

function isHistoryOnly(settings: AuditSettings, serviceName: string): boolean {
  return (settings.historyOnly as readonly string[]).includes(serviceName);
}

function realtimeRefusal(
  { interval, serviceName }: { interval: Interval; serviceName?: string | undefined },
  settings: AuditSettings,
  now: number,
): Reply | null {
  if (interval.fromMs < now - REALTIME_DAYS * DAY_MS) {
    return refused(
      'interval',
      `Realtime audits are kept for ${REALTIME_DAYS} days; the interval starts before.`,
    );
  }
  if (serviceName === undefined && settings.realtimeNeedsService) {
    return refused('serviceName', 'The service name is required.');
  }
  if (serviceName !== undefined && isHistoryOnly(settings, serviceName)) {
    return refused('serviceName', `Realtime does not have the service ${serviceName}.`);
  }
  if (interval.toMs - interval.fromMs > settings.realtimeHours * 3_600_000) {
    return errorReply(504, 'request.timeout', 'The request timed out.');
  }
  return null;
}

/** What Genesys answers here is not documented; the message names the reason in any case. */
function busyReply({ busyStatus }: AuditSettings): Reply {
  const code = busyStatus === 429 ? 'too.many.requests' : busyStatus === 409 ? 'conflict' : 'bad.request';
  return errorReply(
    busyStatus,
    code,
    'Another audit query is running; only one at a time is allowed per organization.',
  );
}

function noQueryReply(): Reply {
  return errorReply(404, 'not.found', 'There is no audit query of this transaction id.');
}

function statusOf(saved: SavedQuery, queries: HistoryQueries): object {
  const { id, submittedMs, query: asked, sortOrder } = saved;
  return {
    id,
    state: queries.stateOf(saved),
    startDate: new Date(submittedMs).toISOString(),
    interval: asked.interval.text,
    ...(asked.serviceName === null ? {} : { serviceName: asked.serviceName }),
    filters: asked.filters,
    sort: sortOrder === null ? [] : [{ name: 'Timestamp', sortOrder }],
  };
}

function bodyOf(json: string): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body: Buffer.from(json) };
}

/** A cursor holds for its own transaction only. */
function sealCursor(sealed: SealedText, id: string, offset: number): string {
  return sealed.seal(`${CURSOR}\0${id}`, [offset]);
}

function openCursor(sealed: SealedText, id: string, cursor: string): number | null {
  return sealed.open(`${CURSOR}\0${id}`, cursor)?.[0] ?? null;
}
