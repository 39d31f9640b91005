import { describe, expect, it } from 'vitest';
import {
  details,
  json,
  none,
  openPage,
  query,
  readPages,
  row,
  type Script,
  startPlatformArchive,
  textOf,
} from '../../testing/platform-archive.ts';
import type { ReceivedRequest } from '../../testing/scripted-server.ts';
import { AnalyticsJobsSource } from './analytics-jobs-source.ts';
import { AnalyticsQuerySource } from './analytics-query-source.ts';
import { ChosenArchiveSource } from './chosen-archive-source.ts';

const queryPath = '/api/v2/analytics/conversations/details/query';
const jobsPath = '/api/v2/analytics/conversations/details/jobs';

const at = (second: number) => new Date(Date.parse(query.from) + second * 1_000).toISOString();

const idsOf = (texts: readonly string[]): string[][] =>
  texts.map((text) => JSON.parse(text).map((one: { conversationId: string }) => one.conversationId));

interface Asked {
  interval: string;
  paging: { pageSize: number; pageNumber: number };
}

/** A query over conversations that start a second apart, served as paging asks for them. */
function served(
  starts: readonly number[],
  refuse: (asked: Asked) => { status: number; body: string } | null = () => null,
) {
  return ({ body }: ReceivedRequest) => {
    const asked = JSON.parse(body) as Asked;
    const refused = refuse(asked);
    if (refused !== null) return refused;
    const [from = ''] = asked.interval.split('/');
    const found = starts
      .map((second, index) => ({ id: `c${index}`, start: at(second) }))
      .filter(({ start }) => start >= from);
    const { pageSize, pageNumber } = asked.paging;
    const rows = found.slice((pageNumber - 1) * pageSize, pageNumber * pageSize);
    return details(
      rows.map(({ id, start }) => row(id, start)),
      `,"totalHits":${found.length}`,
    );
  };
}

const refusal = (status: number) => ({ status, body: `{"code":"bad.request","status":${status}}` });

describe('the conversation query', () => {
  it('asks for the window, the media and a page, in the order in which conversations started', async () => {
    await using platform = await startPlatformArchive({ [queryPath]: details([], ',"totalHits":0') });
    await readPages(new AnalyticsQuerySource(platform.terms), { ...query, mediaTypes: ['chat', 'voice'] });
    expect(platform.asked()[0]?.headers).not.toHaveProperty('x-genesys-storage-class');
    expect(JSON.parse(platform.asked()[0]?.body ?? '')).toEqual({
      interval: `${query.from}/${query.to}`,
      order: 'asc',
      orderBy: 'conversationStart',
      paging: { pageSize: 100, pageNumber: 1 },
      segmentFilters: [
        {
          type: 'or',
          predicates: [
            { type: 'dimension', dimension: 'mediaType', operator: 'matches', value: 'chat' },
            { type: 'dimension', dimension: 'mediaType', operator: 'matches', value: 'voice' },
          ],
        },
      ],
    });
  });

  it('leaves out what started before the window or behind it, and takes what does not say', async () => {
    const rows = [
      row('before', at(-1)),
      row('first', at(0)),
      row('last', at(86_399)),
      row('behind', at(86_400)),
      '{"conversationId":"unknown"}',
    ];
    await using platform = await startPlatformArchive({ [queryPath]: details(rows) });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms));
    expect(idsOf(texts)).toEqual([['first', 'last', 'unknown']]);
  });

  it('goes from page to page, and tells how far it is', async () => {
    await using platform = await startPlatformArchive({ [queryPath]: served([1, 2, 3, 4, 5]) });
    const source = new AnalyticsQuerySource(platform.terms);
    const small = { ...query, pageSize: 2 };
    expect(idsOf((await readPages(source, small)).texts)).toEqual([['c0', 'c1'], ['c2', 'c3'], ['c4']]);
    const opened = await openPage(source, null, small);
    expect(opened.made).toEqual({ done: 0, ofWindow: 5, missingTexts: 0 });
    await textOf(opened.body);
    expect(opened.made).toEqual({ done: 2, ofWindow: 5, missingTexts: 0 });
    expect(opened.head).toMatchObject({ etag: null, length: null, sha256: null });
  });

  it('goes on with smaller pages where one is too large, and loses and doubles nothing', async () => {
    const tooLarge = ({ paging: { pageSize, pageNumber } }: Asked) =>
      pageSize * pageNumber > 3 && pageSize > 1 ? refusal(413) : null;
    await using platform = await startPlatformArchive({ [queryPath]: served([1, 2, 3, 4, 5, 6], tooLarge) });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms), { ...query, pageSize: 3 });
    expect(idsOf(texts).flat()).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5']);
  });

  it.each([
    ['refuses', ({ paging }: Asked) => (paging.pageSize * paging.pageNumber > 4 ? refusal(400) : null)],
    [
      'shows nothing of',
      ({ paging }: Asked) =>
        paging.pageSize * paging.pageNumber > 4
          ? { status: 200, body: '{"conversations":[],"totalHits":9}' }
          : null,
    ],
  ])('asks for the rest from the last start on where Genesys %s deep pages', async (_name, refuse) => {
    // Two start at once where the depth ends.
    const starts = [1, 2, 3, 4, 4, 5, 6, 7, 8];
    await using platform = await startPlatformArchive({ [queryPath]: served(starts, refuse) });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms), { ...query, pageSize: 2 });
    expect(idsOf(texts).flat()).toEqual(starts.map((_second, index) => `c${index}`));
    const intervals = platform.asked().map(({ body }) => JSON.parse(body).interval.split('/')[0]);
    expect(new Set(intervals)).toEqual(new Set([query.from, at(4), at(6)]));
  });

  it('begins again where conversations go away between two pages, and gives none twice where some appear', async () => {
    const source = (starts: (nth: number) => readonly number[]) => ({
      [queryPath]: (request: ReceivedRequest, nth: number) => served(starts(nth))(request),
    });
    const small = { ...query, pageSize: 2 };
    await using shrinking = await startPlatformArchive(
      source((nth) => (nth === 1 ? [1, 2, 3, 4] : [2, 3, 4])),
    );
    await expect(readPages(new AnalyticsQuerySource(shrinking.terms), small)).rejects.toMatchObject({
      code: 'ARCHIVE_PAGES_EXPIRED',
    });
    const repeated = (page: number) => (page === 1 ? ['a', 'b'] : page === 2 ? ['b', 'c'] : ['d']);
    await using growing = await startPlatformArchive({
      [queryPath]: ({ body }) => {
        const { pageNumber } = (JSON.parse(body) as Asked).paging;
        const rows = repeated(pageNumber).map((id) => row(id, at(id.charCodeAt(0))));
        return details(rows, `,"totalHits":${pageNumber === 1 ? 4 : 5}`);
      },
    });
    const { texts } = await readPages(new AnalyticsQuerySource(growing.terms), small);
    expect(idsOf(texts)).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('leaves out conversations that were erased, and asks for nothing of them', async () => {
    const rows = [row('c1', at(1), ['voice']), row('c2', at(2), ['voice'])];
    await using platform = await startPlatformArchive({ [queryPath]: details(rows) });
    const { texts } = await readPages(new AnalyticsQuerySource(platform.terms), {
      ...query,
      without: new Set(['c1']),
    });
    expect(idsOf(texts)).toEqual([['c2']]);
    expect(platform.asked().filter(({ path }) => path.includes('/c1/'))).toEqual([]);
  });

  it('says what to set where it comes no further', async () => {
    const refuse = ({ paging }: Asked) => (paging.pageNumber > 1 ? refusal(400) : null);
    await using platform = await startPlatformArchive({ [queryPath]: served([0, 0, 0, 0], refuse) });
    await expect(
      readPages(new AnalyticsQuerySource(platform.terms), { ...query, pageSize: 2 }),
    ).rejects.toMatchObject({
      code: 'GENESYS_REQUEST_REFUSED',
      message: expect.stringContaining('ARCHIVE_SOURCE=analytics-jobs'),
    });
  });

  it('without a permission names those of which one is enough', async () => {
    await using platform = await startPlatformArchive({ [queryPath]: refusal(403) });
    await expect(readPages(new AnalyticsQuerySource(platform.terms))).rejects.toMatchObject({
      code: 'GENESYS_PERMISSION_MISSING',
      message: expect.stringContaining(
        'analytics:conversationDetail:view or analytics:agentConversationDetail:view',
      ),
    });
  });
});

/** Jobs that have their results at once, unless a test says otherwise. */
const jobs = (script: Script = {}): Script => ({
  [`${jobsPath}/availability`]: json({ dataAvailabilityDate: '2026-01-07T00:00:00.000Z' }),
  [jobsPath]: { status: 202, body: '{"jobId":"j1"}' },
  [`${jobsPath}/j1`]: json({ state: 'FULFILLED' }),
  [`${jobsPath}/j1/results`]: ({ path }) => {
    const cursor = new URL(path, 'http://x').searchParams.get('cursor');
    return cursor === null
      ? details([row('c1', at(1)), row('old', at(-1))], ',"cursor":"a/b="')
      : details([row('c2', at(2))], ',"dataAvailabilityDate":"2026-01-06T00:00:00.000Z"');
  },
  ...script,
});

describe('a job for conversation details', () => {
  it('is submitted, waited for and read to its end', async () => {
    await using platform = await startPlatformArchive(
      jobs({
        [`${jobsPath}/j1`]: (_request, nth) =>
          nth < 3
            ? { status: 202, body: `{"state":"${nth === 1 ? 'QUEUED' : 'OF_LATER_DAYS'}"}` }
            : json({ state: 'FULFILLED' }),
      }),
    );
    const { texts } = await readPages(new AnalyticsJobsSource(platform.terms));
    expect(idsOf(texts)).toEqual([[], ['c1'], ['c2']]);
    const submitted = platform.asked().find(({ method }) => method === 'POST');
    expect(Object.keys(JSON.parse(submitted?.body ?? ''))).toEqual(['interval', 'segmentFilters']);
    const results = platform.asked().flatMap(({ path }) => (path.includes('/results') ? [path] : []));
    expect(results).toEqual([
      `${jobsPath}/j1/results?pageSize=100`,
      `${jobsPath}/j1/results?pageSize=100&cursor=a%2Fb%3D`,
    ]);
  });

  it('is gone on with by whoever has the name of its page', async () => {
    await using platform = await startPlatformArchive(jobs());
    const first = await openPage(new AnalyticsJobsSource(platform.terms), null);
    expect(await textOf(first.body)).toBe('[]');
    const second = await openPage(new AnalyticsJobsSource(platform.terms), first.head.nextPage);
    expect(idsOf([await textOf(second.body)])).toEqual([['c1']]);
    expect(platform.asked().filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  it('that takes longer than its caller has patience is looked at later', async () => {
    await using platform = await startPlatformArchive(
      jobs({ [`${jobsPath}/j1`]: json({ state: 'PENDING' }) }),
    );
    await expect(readPages(new AnalyticsJobsSource(platform.terms), query, 500)).rejects.toMatchObject({
      code: 'ARCHIVE_NOT_READY',
      untilMs: expect.any(Number),
    });
  });

  it('is not submitted before the lake has the whole window', async () => {
    await using platform = await startPlatformArchive(
      jobs({ [`${jobsPath}/availability`]: json({ dataAvailabilityDate: '2026-01-05T23:59:59.999Z' }) }),
    );
    await expect(readPages(new AnalyticsJobsSource(platform.terms))).rejects.toMatchObject({
      code: 'ARCHIVE_NOT_READY',
      message: expect.stringContaining('reach to 2026-01-05T23:59:59.999Z only'),
    });
    expect(platform.asked().every(({ method }) => method === 'GET')).toBe(true);
  });

  it.each([
    ['failed', { [`${jobsPath}/j1`]: json({ state: 'FAILED', errorMessage: 'of no concern' }) }],
    ['is no longer known', { [`${jobsPath}/j1`]: none }],
    ['lost its results', { [`${jobsPath}/j1/results`]: none }],
    [
      'ran too early',
      {
        [`${jobsPath}/j1/results`]: details(
          [row('c1', at(1))],
          ',"dataAvailabilityDate":"2026-01-05T12:00:00.000Z"',
        ),
      },
    ],
  ])('that %s ends the pages of the window', async (_name, script) => {
    await using platform = await startPlatformArchive(jobs(script));
    const error = await readPages(new AnalyticsJobsSource(platform.terms)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ARCHIVE_PAGES_EXPIRED', message: expect.stringContaining('j1') });
    expect(String(error)).not.toContain('of no concern');
  });

  it('is read by smaller pages where one is too large', async () => {
    await using platform = await startPlatformArchive(
      jobs({
        [`${jobsPath}/j1/results`]: ({ path }) =>
          path.includes('pageSize=25') ? details([row('c1', at(1))]) : { status: 413 },
      }),
    );
    expect(idsOf((await readPages(new AnalyticsJobsSource(platform.terms))).texts)).toEqual([[], ['c1']]);
  });
});

describe('the source that suits a window', () => {
  const hour = { ...query, to: '2026-01-05T01:00:00.000Z' };
  const behind = json({ dataAvailabilityDate: '2026-01-05T12:00:00.000Z' });

  it.each([
    ['a job for a day that the lake has', query, {}, [[], ['c1'], ['c2']]],
    ['the query for a day that it has not', query, { [`${jobsPath}/availability`]: behind }, [['q1']]],
    ['the query for an hour', hour, {}, [['q1']]],
  ])('is %s', async (_name, window, script, expected) => {
    await using platform = await startPlatformArchive(
      jobs({ [queryPath]: details([row('q1', at(1))]), ...script }),
    );
    const { texts } = await readPages(new ChosenArchiveSource(platform.terms), window);
    expect(idsOf(texts)).toEqual(expected);
  });

  it('ends pages that another source began', async () => {
    await using platform = await startPlatformArchive(jobs());
    const { names } = await readPages(new AnalyticsJobsSource(platform.terms));
    for (const name of [names[0], 'page/2']) {
      await expect(openPage(new AnalyticsQuerySource(platform.terms), name ?? null)).rejects.toMatchObject({
        code: 'ARCHIVE_PAGES_EXPIRED',
      });
    }
  });
});
