import { ARCHIVE_COMPLIANCE, ARCHIVE_FETCH, heldBackWindowsKey } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { aDay, TestArchive } from './archive.fixture.ts';
import { PlatformServer, startsOf } from './platform-server.fixture.ts';

async function startPlatform(conversations: number): Promise<TestArchive<PlatformServer>> {
  const archive = await TestArchive.startOn(await PlatformServer.start());
  archive.server.starts = startsOf(conversations);
  return archive;
}

describe('a window of the platform contract', () => {
  it.each([
    ['analytics-query', 3, ['/details/query', '/details/query', '/details/query']],
    ['analytics-jobs', 4, ['/jobs/availability', '/jobs', '/jobs/job-1']],
  ])('becomes batches of whole documents by %s', async (source, pages, calls) => {
    await using archive = await startPlatform(5);
    await archive.run({ ARCHIVE_SOURCE: source });
    await archive.queueFetch(aDay, 8, { pageSize: 2 });
    const job = await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
    expect(job.returnvalue).toMatchObject({
      conversations: 5,
      source: { pages, integrity: 'unverified' },
    });
    expect(job.progress).toMatchObject({ conversations: expect.any(Number) });
    const asked = archive.server.to('/details/').map(({ path }) => path.replace(/^.*\/details/, '/details'));
    expect(asked.slice(0, 3)).toEqual(calls.map((path) => path.replace(/^\/jobs/, '/details/jobs')));
  });

  it('is held back while the lake does not reach to its end, and fetched once it does', async () => {
    await using archive = await startPlatform(2);
    archive.server.dataAvailabilityDate = '2026-01-05T23:00:00.000Z';
    const { service } = await archive.run({ ARCHIVE_SOURCE: 'analytics-jobs' });
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(job.delay).toBeGreaterThan(60_000);
    expect(service.health.problems()).toEqual([]);
    const { logs } = await archive.queue(ARCHIVE_FETCH).getJobLogs(aDay.id);
    expect(logs).toEqual([expect.stringContaining('reach to 2026-01-05T23:00:00.000Z only')]);
    expect(await archive.windowJobs()).toEqual([]);

    archive.server.dataAvailabilityDate = '2026-01-06T00:00:00.000Z';
    await job.promote();
    await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
  });

  it('waits for a transcript that is still being made', async () => {
    await using archive = await startPlatform(2);
    archive.server.misbehave = ({ path }, nth) =>
      path.includes('c-1/communications') && nth === 1 ? { status: 202, body: '{}' } : null;
    await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('completed');
    expect(job.attemptsMade).toBe(1);
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
    expect(archive.server.to('c-1/communications')).toHaveLength(2);
  });

  it('without a permission parks the job and names it', async () => {
    await using archive = await startPlatform(2);
    archive.server.misbehave = ({ path }) =>
      path.includes('/communications/')
        ? { status: 403, body: '{"code":"missing.permissions","status":403}' }
        : null;
    const { service } = await archive.run();
    await archive.queueFetch();
    const job = await archive.fetchIs('delayed');
    expect(job.attemptsMade).toBe(0);
    expect(service.health.problems().join()).toContain('recording:recording:view');
    expect(await archive.windowJobs()).toEqual([]);
  });

  it('is fetched anew where its job fails, with nothing of the pages of the job before', async () => {
    await using archive = await startPlatform(4);
    archive.server.misbehave = ({ path }) =>
      path.includes('job-1/results') && path.includes('cursor')
        ? { status: 404, body: '{"code":"not.found","status":404}' }
        : null;
    await archive.run({ ARCHIVE_SOURCE: 'analytics-jobs' });
    await archive.queueFetch(aDay, 8, { pageSize: 2 });
    const job = await archive.fetchIs('completed');
    expect(job.attemptsMade).toBe(1);
    expect((await archive.batches()).flat()).toEqual(archive.server.documents());
    expect(archive.server.to('job-2/results')).toHaveLength(2);
  });

  it('whose jobs all fail burns an attempt', async () => {
    await using archive = await startPlatform(1);
    archive.server.misbehave = ({ path }) =>
      /jobs\/job-\d+$/.test(path) ? { status: 200, body: '{"state":"FAILED"}' } : null;
    await archive.run({ ARCHIVE_SOURCE: 'analytics-jobs' });
    await archive.queueFetch(aDay, 1);
    const job = await archive.fetchIs('failed');
    expect(job.failedReason).toContain('is failed');
    expect(archive.server.requests.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });
});

describe('a window of which a text does not come', () => {
  const window = { ...aDay, id: 'BATCH_20260105_message+voice', mediaTypes: ['message', 'voice'] };

  /** A call, and a conversation of a message that is listed and never given. */
  async function startLeftOut(): Promise<TestArchive<PlatformServer>> {
    const archive = await startPlatform(1);
    const row = archive.server.documents()[0]?.replace(/,"transcripts".*$/, '}');
    const written =
      '{"conversationId":"c-1","conversationStart":"2026-01-05T10:00:00.000Z","participants":[{"sessions":[{"mediaType":"message","sessionId":"s-1"}]}]}';
    const answers: Record<string, string> = {
      '/api/v2/analytics/conversations/details/query': `{"conversations":[${row},${written}],"totalHits":2}`,
      '/api/v2/conversations/messages/c-1': '{"participants":[{"messages":[{"messageId":"m-1"}]}]}',
      '/api/v2/conversations/messages/c-1/messages/bulk?useNormalizedMessage=true': '{"entities":[]}',
    };
    archive.server.misbehave = ({ path }) => {
      const body = answers[path];
      return body === undefined ? null : { status: 200, body };
    };
    return archive;
  }

  async function documents(archive: TestArchive<PlatformServer>): Promise<Record<string, unknown>[]> {
    return (await archive.batches()).flat().map((line) => JSON.parse(line));
  }

  const heldBack = async ({ redis, deployment }: TestArchive<PlatformServer>) =>
    Object.values(await redis.hgetall(heldBackWindowsKey(deployment))).map((line) => JSON.parse(line));

  it('goes on without it when its time is over, and tells so', async () => {
    await using archive = await startLeftOut();
    await archive.run({ ARCHIVE_SOURCE: 'analytics-query', ARCHIVE_TEXT_WAIT_SECONDS: '0' });
    await archive.queueFetch(window);
    await archive.fetchIs('delayed', window);
    const job = await archive.fetchIs('completed', window);
    const [first, second] = await documents(archive);
    expect(first).not.toHaveProperty('missingTexts');
    expect(second).toMatchObject({
      conversationId: 'c-1',
      messages: [],
      missingTexts: [{ of: 'messages', messageId: 'm-1', why: 'left-out' }],
    });
    expect(job.returnvalue).toMatchObject({ result: 'fetched', conversations: 2, missingTexts: 1 });
    const [flow] = await archive.windowJobs();
    expect(flow?.data.release).toMatchObject({
      by: null,
      reason: expect.stringContaining('ARCHIVE_TEXT_WAIT_SECONDS'),
    });
    expect(await heldBack(archive)).toEqual([]);
  });

  it('waits for a person where that is set, who releases it with a reason, on record', async () => {
    await using archive = await startLeftOut();
    await archive.run({ ARCHIVE_SOURCE: 'analytics-query', ARCHIVE_TEXT_WAIT_SECONDS: 'never' });
    await archive.queueFetch(window);
    const waiting = await archive.fetchIs('delayed', window);
    expect(waiting.attemptsMade).toBe(0);
    expect(await heldBack(archive)).toMatchObject([
      { windowId: window.id, code: 'ARCHIVE_TEXT_NOT_READY', goesOnAt: null },
    ]);
    expect(await archive.act('release', window.id)).toBe('released');
    await archive.fetchIs('completed', window);
    const [flow] = await archive.windowJobs();
    expect(flow?.data.release).toMatchObject({ by: 'ada@host', reason: 'ticket 7' });
    expect((await documents(archive))[1]).toHaveProperty('missingTexts');
    expect(await archive.act('release', window.id)).toBe('released-before');
    const [record, ...others] = await archive.queue(ARCHIVE_COMPLIANCE).getJobs();
    expect(record?.data).toMatchObject({
      action: 'ARCHIVE_RELEASE',
      conversationId: window.id,
      status: 'SUCCESS',
      details: { by: 'ada@host', reason: 'ticket 7' },
    });
    expect(others).toEqual([]);
  });

  it('since its link always fails stands failed, until a person releases it', async () => {
    await using archive = await startPlatform(2);
    archive.server.misbehave = ({ path }) =>
      path.startsWith('/store/c-1') ? { status: 403, body: '<Error/>' } : null;
    await archive.run();
    await archive.queueFetch(aDay, 1);
    const failed = await archive.fetchIs('failed');
    expect(failed.failedReason).toContain('the link is no longer valid');
    expect(await archive.act('release')).toBe('released');
    await archive.fetchIs('completed');
    expect((await documents(archive))[1]).toMatchObject({
      missingTexts: [{ of: 'transcripts', communicationId: 's-1', why: 'refused' }],
    });
  });

  it('is fetched once more when a person asks for it, without what was erased', async () => {
    await using archive = await startPlatform(3);
    await archive.run();
    expect(await archive.act('again')).toBe('not-archived');
    const counts = { conversations: 2, deadLettered: 0, erased: 1, missingTexts: 1 };
    const erased = { at: new Date().toISOString(), by: 'ada@host', reason: 'r', replaced: [] };
    await archive.archived({
      flow: 'before',
      counts,
      erasures: [{ ...erased, conversationIds: ['c-0'] }],
      release: null,
    });
    expect(await archive.act('release')).toBe('archived');
    expect(await archive.act('again')).toBe('queued');
    await archive.fetchIs('completed');
    expect((await archive.batches()).flat()).toEqual(archive.server.documents(1));
    const [flow] = await archive.windowJobs();
    expect(flow?.data).toMatchObject({
      release: null,
      again: { flow: 'before', revision: 1, by: 'ada@host', reason: 'ticket 7' },
    });
    expect(archive.server.to('c-0/communications')).toEqual([]);
  });
});

it('is fetched by the platform only 48 hours after its end', async () => {
  await using archive = await startPlatform(1);
  // Genesys' clock: the day before yesterday's end has settled by a second, yesterday's has not.
  archive.server.misbehave = () => ({
    status: 200,
    headers: { date: 'Wed, 07 Jan 2026 23:59:59 GMT' },
    body: '{"conversations":[]}',
  });
  await archive.run({ ARCHIVE_SOURCE: 'analytics-query' });
  await archive.queueFetch();
  await archive.fetchIs('delayed');
  const before = { ...aDay, id: 'BATCH_20260104', from: '2026-01-04T00:00:00.000Z', to: aDay.from };
  await archive.queueFetch(before);
  await archive.fetchIs('completed', before);
  expect(await archive.queue(ARCHIVE_FETCH).getDelayedCount()).toBe(1);
});
