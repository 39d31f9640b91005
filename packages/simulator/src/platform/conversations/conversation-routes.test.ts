import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LedgerConversation, type Simulator, SimulatorControl } from '../../index.ts';
import { DAY } from '../../testing/archive-reader.ts';
import { PlatformClient, stillPlatform } from '../../testing/platform-client.ts';
import type { HandClock } from '../../testing/poller.ts';

const query = '/api/v2/analytics/conversations/details/query';
const jobs = '/api/v2/analytics/conversations/details/jobs';
const interval = `${DAY.from}/${DAY.to}`;

interface Row {
  conversationId: string;
  conversationStart: string;
  conversationEnd?: string;
  participants: { sessions: { sessionId: string }[] }[];
}

let simulator: Simulator;
let clock: HandClock;
let client: PlatformClient;
let control: SimulatorControl;

beforeAll(async () => {
  ({ simulator, clock } = await stillPlatform({ archiveConversations: 48, rateLimit: null }));
  client = await PlatformClient.connect(simulator.url);
  control = new SimulatorControl(simulator.url);
});
afterAll(() => simulator.close());

async function rowsOf(body: object): Promise<{ conversations?: Row[]; totalHits: number }> {
  const response = await client.request('POST', query, {
    paging: { pageSize: 100, pageNumber: 1 },
    ...body,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as { conversations?: Row[]; totalHits: number };
}

async function jobOf(body: object): Promise<Row[]> {
  const { jobId } = (await (await client.request('POST', jobs, body)).json()) as { jobId: string };
  const states: string[] = [];
  while (states.at(-1) !== 'FULFILLED') {
    const status = await client.get(`${jobs}/${jobId}`);
    states.push(((await status.json()) as { state: string }).state);
    expect(status.status).toBe(states.at(-1) === 'FULFILLED' ? 200 : 202);
  }
  const results = await client.get(`${jobs}/${jobId}/results`);
  return ((await results.json()) as { conversations: Row[] }).conversations;
}

/** A conversation of the day that is of some kind: the first of its customer's communications, and its transcript. */
async function communication(
  wanted: (source: { transcripts?: unknown[] }, conversation: LedgerConversation) => boolean,
): Promise<{ conversation: LedgerConversation; path: string; object: string }> {
  for await (const conversation of control.conversations({ ...DAY, contract: 'platform', source: true })) {
    const text = conversation.source ?? '';
    const source = JSON.parse(text) as Row & { transcripts?: unknown[] };
    if (!wanted(source, conversation)) continue;
    const ids = `${conversation.conversationId}/communications/${source.participants[0]?.sessions[0]?.sessionId}`;
    return {
      conversation,
      path: `/api/v2/speechandtextanalytics/conversations/${ids}/transcripturl`,
      object: text.slice(text.indexOf('"transcripts":[') + 15, -2),
    };
  }
  throw new Error('There is no such conversation.');
}

/** A link to a transcript of one communication. */
async function linkOf(path: string): Promise<string> {
  for (;;) {
    const response = await client.get(path);
    if (response.status === 200) return ((await response.json()) as { url: string }).url;
    expect([response.status, await response.text()]).toEqual([202, '']);
  }
}

const isSpoken = ({ transcripts }: { transcripts?: unknown[] }, { mediaType }: LedgerConversation) =>
  mediaType === 'voice' && transcripts?.length === 1;

describe('the details query', () => {
  it("is told from the guide's on the same path", async () => {
    const guide = await client.request(
      'POST',
      query,
      { ...DAY, filter: [] },
      {
        headers: {
          Authorization: `Bearer ${client.token}`,
          'X-Genesys-Storage-Class': 'STANDARD_IA',
          'Content-Type': 'application/json',
        },
      },
    );
    expect(guide.headers.get('repr-digest')).not.toBeNull();
    expect(await rowsOf({ interval })).toMatchObject({ totalHits: 48 });
  });

  it('finds what started on a day that the interval touches', async () => {
    const hour = await rowsOf({ interval: '2026-03-12T23:00:00Z/2026-03-13T01:00:00Z' });
    expect(hour.totalHits).toBe(96);
    const { conversations = [] } = await rowsOf({ interval });
    for (const { conversationStart } of conversations) expect(conversationStart).toMatch(/^2026-03-13T/);
  });

  it('pages in the order asked for, and has no list behind the last page', async () => {
    const ids = ({ conversations = [] }: { conversations?: Row[] }) =>
      conversations.map(({ conversationId }) => conversationId);
    const ascending = ids(await rowsOf({ interval }));
    expect(ids(await rowsOf({ interval, order: 'desc' }))).toEqual(ascending.toReversed());
    const ends = (await rowsOf({ interval, orderBy: 'conversationEnd' })).conversations ?? [];
    const times = ends.map(({ conversationEnd }) => conversationEnd ?? '');
    expect(times).toEqual(times.toSorted());
    expect(new Set(ids({ conversations: ends }))).toEqual(new Set(ascending));
    const paged = [1, 2, 3].map((pageNumber) => rowsOf({ interval, paging: { pageSize: 20, pageNumber } }));
    expect((await Promise.all(paged)).flatMap(ids)).toEqual(ascending);
    expect(await rowsOf({ interval, paging: { pageSize: 20, pageNumber: 4 } })).toEqual({ totalHits: 48 });
  });

  it('tells of a conversation that goes on without its end', async () => {
    const { conversations = [] } = await rowsOf({ interval: '2026-03-14T00:00:00Z/2026-03-15T00:00:00Z' });
    const open = conversations.filter(({ conversationEnd }) => conversationEnd === undefined);
    expect(conversations.length - open.length).toBeGreaterThan(20);
    expect(JSON.stringify(open)).not.toContain('segmentEnd');
    for (const { conversationEnd = '' } of conversations)
      expect(conversationEnd <= '2026-03-14T15:00').toBe(true);
  });

  it('refuses pages that are too large for it', async () => {
    await control.changeArchive({ largestPage: 50 });
    const response = await client.request('POST', query, {
      interval,
      paging: { pageSize: 51, pageNumber: 1 },
    });
    expect([response.status, await response.json()]).toMatchObject([413, { code: 'payload.too.large' }]);
    await control.changeArchive({ largestPage: null });
  });

  it('names the permissions of which one is needed', async () => {
    await control.setMissingPermissions(
      'analytics:conversationDetail:view',
      'analytics:agentConversationDetail:view',
    );
    const response = await client.request('POST', query, { interval });
    expect([response.status, await response.json()]).toMatchObject([
      403,
      { code: 'missing.any.permissions' },
    ]);
    await control.setMissingPermissions();
  });
});

describe('a job', () => {
  it('finds what went on in its interval, as far as the lake is filled', async () => {
    const midnight = { interval: '2026-03-13T00:00:00Z/2026-03-13T00:20:00Z' };
    const atMidnight = await jobOf(midnight);
    expect(atMidnight.some(({ conversationStart }) => conversationStart < '2026-03-13T')).toBe(true);
    const ofDay = await jobOf({ ...midnight, startOfDayIntervalMatching: true });
    expect(ofDay).toHaveLength(48);
    const today = { interval: '2026-03-14T00:00:00Z/2026-03-15T00:00:00Z' };
    for (const { conversationEnd = '' } of await jobOf(today)) {
      expect(conversationEnd <= '2026-03-14T09:00:00.000Z').toBe(true);
    }
    await control.changeArchive({ lakeLagMinutes: 0 });
    const more = await jobOf(today);
    expect(more.some(({ conversationEnd = '' }) => conversationEnd > '2026-03-14T12:00')).toBe(true);
    expect(await jobOf({ ...today, limit: 3 })).toHaveLength(3);
    await control.changeArchive({ lakeLagMinutes: 360 });
  });

  it.each([
    ['job-failed', 'FAILED'],
    ['job-expired', 'EXPIRED'],
  ] as const)('under the fault %s is %s, and has no results', async (kind, state) => {
    const { jobId } = (await (await client.request('POST', jobs, { interval })).json()) as { jobId: string };
    await control.addFaults({ kind, times: 1 });
    expect(await (await client.get(`${jobs}/${jobId}`)).json()).toMatchObject({ state });
    expect((await client.get(`${jobs}/${jobId}/results`)).status).toBe(400);
  });

  it('is forgotten under a fault, and takes no cursor of another', async () => {
    const { jobId } = (await (await client.request('POST', jobs, { interval })).json()) as { jobId: string };
    for (let ask = 0; ask < 3; ask++) await client.get(`${jobs}/${jobId}`);
    expect((await client.get(`${jobs}/${jobId}/results?cursor=x`)).status).toBe(400);
    expect((await client.get(`${jobs}/${jobId}/results?pageSize=1001`)).status).toBe(400);
    await control.addFaults({ kind: 'job-lost', times: 1 });
    expect((await client.get(`${jobs}/${jobId}/results`)).status).toBe(404);
  });
});

describe('a transcript', () => {
  it('is none, or later, or behind a link that takes no token', async () => {
    const none = await communication(
      ({ transcripts }, { mediaType }) => mediaType === 'voice' && transcripts?.length === 0,
    );
    // A fault is kept for a transcript that there is.
    await control.addFaults({ kind: 'transcript-pending', times: 1 });
    const refused = await client.get(none.path);
    expect([refused.status, await refused.json()]).toMatchObject([404, { code: 'resource.not.found' }]);

    const { path, object } = await communication(isSpoken);
    expect((await client.get(path)).status).toBe(202);
    expect((await control.faults()).at(-1)).toMatchObject({ seen: 2, struck: 1 });
    const link = await linkOf(path);
    expect(await (await fetch(link)).text()).toBe(object);
    expect((await fetch(link, { headers: { Authorization: `Bearer ${client.token}` } })).status).toBe(400);
    expect((await fetch(link.replace(/.$/, (end) => (end === '0' ? '1' : '0')))).status).toBe(403);
  });

  it('can be resumed, as S3 has it, and starts again where the object is another', async () => {
    const { path, object } = await communication(isSpoken);
    const link = await linkOf(path);
    const whole = await fetch(link);
    await whole.arrayBuffer();
    const etag = whole.headers.get('etag') ?? '';
    const resume = (headers: Record<string, string> = { 'If-Range': etag }) =>
      fetch(link, { headers: { Range: 'bytes=100-', ...headers } });
    const rest = await resume();
    expect([rest.status, rest.headers.get('content-range')]).toEqual([
      206,
      `bytes 100-${object.length - 1}/${object.length}`,
    ]);
    expect(await rest.text()).toBe(object.slice(100));
    expect((await resume({ 'If-Range': '"other"' })).status).toBe(200);
    await control.addFaults({ kind: 'range-ignored', match: 'conversations-download', times: 1 });
    expect((await resume()).status).toBe(200);
    await control.addFaults({ kind: 'new-etag', match: 'conversations-download', times: 1 });
    const changed = await resume();
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
    await control.addFaults({ kind: 'reset-mid-body', match: 'conversations-download', times: 1 });
    await expect(fetch(link).then((reply) => reply.text())).rejects.toThrow();
  });

  it("'s link expires", async () => {
    const { path } = await communication(isSpoken);
    const link = await linkOf(path);
    await control.addFaults({ kind: 'link-expired', times: 1 });
    const expired = await fetch(link);
    expect([expired.status, await expired.text()]).toEqual([
      403,
      expect.stringContaining('Request has expired'),
    ]);
    expect((await fetch(link)).status).toBe(200);
    clock.pass(600);
    expect((await fetch(link)).status).toBe(403);
  });

  it('needs all of its permissions', async () => {
    const { path } = await communication(isSpoken);
    await control.setMissingPermissions('speechAndTextAnalytics:data:view');
    const response = await client.get(path);
    expect([response.status, await response.json()]).toMatchObject([403, { code: 'missing.permissions' }]);
    await control.setMissingPermissions();
  });
});

describe('messages and mails', () => {
  it('are of their own kind of conversation, and asked for by at most 1000 ids', async () => {
    const { conversation } = await communication(isSpoken);
    const messages = `/api/v2/conversations/messages/${conversation.conversationId}`;
    expect((await client.get(messages)).status).toBe(404);
    expect((await client.request('POST', `${messages}/messages/bulk`, ['x'])).status).toBe(404);
    const many = Array.from({ length: 1001 }, () => 'x');
    expect((await client.request('POST', `${messages}/messages/bulk`, many)).status).toBe(400);
    const mails = `/api/v2/conversations/emails/${conversation.conversationId}/messages`;
    expect((await client.get(mails)).status).toBe(404);
    expect((await client.get(`${mails}/x`)).status).toBe(404);
  });
});
