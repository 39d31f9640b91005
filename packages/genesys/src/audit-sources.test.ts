import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { auditSources } from './audit-sources.ts';
import { GenesysConnection } from './connection.ts';
import type { GenesysWait } from './patience.ts';
import type { AuditSourceFact } from './platform/audits/audit-source-fact.ts';
import { type EventFilter, genesysDefaults } from './settings.ts';
import { issued, tokenPath } from './testing/guide.ts';
import { type Answer, type ReceivedRequest, ScriptedServer } from './testing/scripted-server.ts';

const never = new AbortController().signal;
const queryPath = '/api/v2/audits/query';
const realtimePath = `${queryPath}/realtime?expand=user`;
const minuteMs = 60_000;
const range = { from: Date.parse('2026-01-01T00:00:00Z'), to: Date.parse('2026-01-02T00:00:00Z') };

function json(body: unknown, status = 200): Answer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function realtimePage(...events: object[]): Answer {
  return json({ entities: events, pageSize: 100, pageNumber: 1, pageCount: 1, total: events.length });
}

/** The platform as a script, and the sources that speak to it. */
async function startPlatform(
  script: (request: ReceivedRequest, nth: number) => Answer,
  filters: EventFilter[] = [],
) {
  const server = await ScriptedServer.start((request, nth) => {
    if (request.path === tokenPath) return issued(nth);
    if (!request.path.endsWith('servicemapping')) return script(request, nth);
    const covered = [{ name: 'Presence' }, { name: 'Architect', entities: [{ name: 'Flow', actions: [] }] }];
    return json({
      services: request.path.includes('realtime') ? covered : [...covered, { name: 'Quality' }],
    });
  });
  const settings = {
    ...genesysDefaults,
    apiBase: server.base,
    loginBase: server.base,
    clientId: 'client-1',
    clientSecret: 'secret',
    ratePerSecond: 0,
    backoffMinMs: 2,
    backoffMaxMs: 10,
    downloadHosts: ['127.0.0.1'],
    filters,
  };
  const waits: GenesysWait[] = [];
  const facts: AuditSourceFact[] = [];
  const shared = { redis: null, keyPrefix: '{test}' };
  const connection = new GenesysConnection(settings, { ...shared, onWait: () => {} });
  const terms = { overlapMs: 45 * minuteMs, historyEveryMs: 60 * minuteMs };
  return {
    server,
    waits,
    facts,
    sources: auditSources({
      contract: 'platform',
      connection,
      settings,
      ...shared,
      ...terms,
      onWait: (_stream, wait) => void waits.push(wait),
      tell: (_stream, fact) => void facts.push(fact),
    }),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a realtime query', () => {
  it('asks for a window in order, and gives documents with the texts of the source', async () => {
    const at = new Date(Date.now() - minuteMs).toISOString();
    const text = `{"id":"e-1","eventDate":"${at}","user":{"id":"u","name":"Ü"},"n":9007199254740993}`;
    const body = `{"entities":[ ${text} ],"pageSize":100,"pageNumber":1,"pageCount":1,"total":1}`;
    await using platform = await startPlatform(() => ({ status: 200, body }));
    const page = await platform.sources.tail('default').nextPage(null, never);
    expect(page.eventTexts).toEqual([
      `{"id":"e-1","date":"${at}","userId":"u","userName":"Ü","genesys":{"n":9007199254740993}}`,
    ]);
    expect(page.bytes).toBe(Buffer.byteLength(body));
    const [request] = platform.server.to(realtimePath);
    const asked = JSON.parse(request?.body ?? '');
    expect(asked).toMatchObject({
      sort: [{ name: 'Timestamp', sortOrder: 'ascending' }],
      pageNumber: 1,
      pageSize: 100,
    });
    const [from, to] = asked.interval.split('/').map(Date.parse);
    expect(to - from).toBeLessThan(86_400_000);
    expect(to).toBeLessThan(Date.now());
    expect(asked).not.toHaveProperty('serviceName');
  });

  it('leaves out what the filters name', async () => {
    const events = ['Authenticate', 'Create'].map((action) => ({
      id: action,
      eventDate: '2026-01-01T00:00:00Z',
      action,
    }));
    const filters = [{ field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' }];
    await using platform = await startPlatform(() => realtimePage(...events), filters);
    const { eventTexts } = await platform.sources.tail('default').nextPage(null, never);
    expect(eventTexts.map((text) => JSON.parse(text).action)).toEqual(['Create']);
  });

  it('that is refused without a service is made for each of them', async () => {
    await using platform = await startPlatform(({ body }) => {
      const { serviceName } = JSON.parse(body);
      if (serviceName === undefined)
        return json({ code: 'bad.request', message: 'A service is needed.' }, 400);
      return realtimePage();
    });
    await platform.sources.tail('default').nextPage(null, never);
    const asked = platform.server.to(realtimePath).map(({ body }) => JSON.parse(body).serviceName);
    expect(asked).toEqual([undefined, 'Architect', 'Presence']);
    expect(platform.facts).toContainEqual({ kind: 'service-by-service', services: 2 });
  });

  it('that is refused for another reason is told as refused', async () => {
    await using platform = await startPlatform(() => json({ code: 'invalid.date' }, 400));
    await expect(platform.sources.tail('default').nextPage(null, never)).rejects.toMatchObject({
      code: 'GENESYS_REQUEST_REFUSED',
      message: expect.stringContaining('invalid.date'),
    });
  });

  it.each(['[]', '{"total":3}', '{"entities":null,"total":1}', '{"entities":[}', 'null'])(
    'is made again where the reply is %s',
    async (body) => {
      await using platform = await startPlatform((_request, nth) =>
        nth === 1 ? { status: 200, body } : realtimePage(),
      );
      await platform.sources.tail('default').nextPage(null, never);
      expect(platform.waits).toMatchObject([{ code: 'GENESYS_REPLY_UNREADABLE' }]);
    },
  );
});

describe('a history query', () => {
  const status = { id: 't/1', state: 'Succeeded' };
  const statusPath = `${queryPath}/t%2F1`;
  const isSubmission = ({ method, path }: ReceivedRequest): boolean =>
    method === 'POST' && path === queryPath;

  /** Pages until the source has read its range. */
  async function readAll(platform: Awaited<ReturnType<typeof startPlatform>>): Promise<string[]> {
    const source = platform.sources.range('default.backfill', range);
    const texts: string[] = [];
    for (let cursor: string | null = null; ; ) {
      const page = await source.nextPage(cursor, never);
      texts.push(...page.eventTexts);
      cursor = page.nextCursor ?? cursor;
      if (page.atHead) return texts.map((text) => JSON.parse(text).id);
    }
  }

  it('is submitted, looked after and read by cursors', async () => {
    await using platform = await startPlatform((request, nth) => {
      if (isSubmission(request)) return json({ ...status, state: 'Queued' }, 202);
      if (request.path === statusPath)
        return nth === 1 ? json({ ...status, state: 'Running' }, 202) : json(status);
      const more = request.path.includes('cursor=c%2B1');
      return json({ id: 't/1', entities: [{ id: more ? 'b' : 'a' }], ...(more ? {} : { cursor: 'c+1' }) });
    });
    expect(await readAll(platform)).toEqual(['a', 'b']);
    const [submission] = platform.server.requests.filter(isSubmission);
    expect(JSON.parse(submission?.body ?? '')).toEqual({
      interval: '2026-01-01T00:00:00.000Z/2026-01-02T00:00:00.000Z',
      sort: [{ name: 'Timestamp', sortOrder: 'ascending' }],
    });
    expect(platform.server.requests.at(-1)?.path).toMatch(
      /^\/api\/v2\/audits\/query\/t%2F1\/results\?pageSize=500&expand=user&allowRedirect=true&cursor=c%2B1$/,
    );
  });

  it.each([
    ['plain', (text: string) => text],
    ['zipped', (text: string) => gzipSync(text)],
    ['with an object around', (text: string) => `{"entities":${text}}`],
  ])('whose result is a redirect is downloaded (%s), without the token', async (_form, packed) => {
    await using platform = await startPlatform((request, nth) => {
      if (isSubmission(request)) return json(status);
      if (request.path === statusPath) return json(status);
      if (request.path.startsWith('/store')) {
        if (nth === 1 && request.path === '/store/1') return { status: 403 };
        return { status: 200, body: packed('[{"id":"a","eventTime":"2026-01-01T00:00:00Z"}, {"id":"b"}]') };
      }
      const results = platform.server.requests.filter(({ path }) => path.includes('/results')).length;
      return json({ id: 't/1', downloadUrl: `${platform.server.base}/store/${results}` }, 302);
    });
    expect(await readAll(platform)).toEqual(['a', 'b']);
    const downloads = platform.server.requests.filter(({ path }) => path.startsWith('/store'));
    expect(downloads.map(({ path }) => path)).toEqual(['/store/1', '/store/2']);
    for (const { headers } of downloads) expect(headers).not.toHaveProperty('authorization');
  });

  it.each([
    [409, {}],
    [429, { message: 'Only one query at a time is allowed for an organization.' }],
    [400, { message: 'A query is already running.' }],
  ])('that meets another one (%i) waits, and pauses nobody', async (code, body) => {
    await using platform = await startPlatform((request) =>
      isSubmission(request) ? json(body, code) : json({}),
    );
    const page = await platform.sources.range('default.backfill', range).nextPage(null, never);
    const next = await platform.sources.range('default.backfill', range).nextPage(page.nextCursor, never);
    expect(next).toMatchObject({ nextCursor: null, atHead: false, eventTexts: [] });
    expect(platform.facts.at(-1)).toMatchObject({ kind: 'history-query', outcome: 'busy' });
    expect(platform.waits).toEqual([]);
  });

  it.each([400, 404, 410])('whose cursor is refused (%i) is submitted anew, after a while', async (code) => {
    await using platform = await startPlatform((request) => {
      if (isSubmission(request) || request.path === statusPath) return json(status);
      if (request.path.includes('cursor=')) return json({ code: 'invalid.cursor' }, code);
      return json({ id: 't/1', entities: [{ id: 'a' }], cursor: 'c' });
    });
    const source = platform.sources.range('default.backfill', range);
    let cursor: string | null = null;
    for (let page = 0; page < 5; page++) cursor = (await source.nextPage(cursor, never)).nextCursor ?? cursor;
    expect(platform.facts.at(-1)).toMatchObject({ kind: 'history-query', outcome: 'lost' });
    expect(JSON.parse(cursor ?? '').run.window).toMatchObject({ transaction: null, cursor: null });
  });

  it('of services that realtime does not cover names them', async () => {
    await using platform = await startPlatform((request) => {
      return isSubmission(request) || request.path === statusPath ? json(status) : json({ entities: [] });
    });
    const source = platform.sources.uncovered('default.history');
    let page = await source?.nextPage(null, never);
    while (page?.atHead === false) page = await source?.nextPage(page.nextCursor, never);
    const submitted = platform.server.requests
      .filter(isSubmission)
      .map(({ body }) => JSON.parse(body).serviceName);
    expect(submitted).toEqual(['Quality']);
  });
});

it('the guide contract has a tail alone', async () => {
  const sources = auditSources({ contract: 'guide' } as never);
  expect(sources.uncovered('default')).toBeNull();
  expect(sources.rangeReachMs).toBeNull();
});
