import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ARCHIVE_FETCH, type ArchiveWindow, archiveWindowAt } from '@trunkline/contracts';
import { describe, expect, it } from 'vitest';
import { TestArchive } from './archive.fixture.ts';
import { ArchiveServer, arrayOf, conversations } from './archive-server.fixture.ts';

const dayMs = 86_400_000;

function window(organisation: string, day: number): ArchiveWindow {
  return archiveWindowAt(Date.UTC(2026, 0, day), dayMs, ['voice', 'chat'], organisation);
}

/** Two organisations at servers of their own. */
async function startTwo() {
  const archive = await TestArchive.start();
  const other = await ArchiveServer.start();
  const file = join(archive.folder, 'organisations.json');
  const organisation = (id: string, apiBase: string) => ({
    id,
    apiBase,
    clientId: `client-of-${id}`,
    clientSecret: { env: 'SECRET_OF_BOTH' },
  });
  const organisations = [organisation('one', archive.server.base), organisation('two', other.base)];
  await writeFile(file, JSON.stringify({ organisations }));
  return {
    archive,
    one: archive.server,
    two: other,
    run: (changes: Record<string, string> = {}) =>
      archive.run({
        ORGANISATIONS_FILE: file,
        SECRET_OF_BOTH: 'secret',
        GENESYS_API_BASE: '',
        GENESYS_CLIENT_ID: '',
        GENESYS_CLIENT_SECRET: '',
        ...changes,
      }),
    async [Symbol.asyncDispose]() {
      await archive[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    },
  };
}

describe('two organisations', () => {
  it('are planned by one tick, each with windows and a watermark of its own', async () => {
    await using both = await startTwo();
    const { archive } = both;
    await archive.queue(ARCHIVE_FETCH).pause();
    await both.run({ ARCHIVE_SETTLE_SECONDS: '0' });
    expect(await archive.tick()).toMatchObject({ windows: 2, planned: 2 });
    const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00Z', requestedBy: 'ada@here' };
    const asked = { ...range, mediaTypes: ['voice'], organisation: 'two' };
    expect(await archive.tick(asked)).toMatchObject({ windows: 2, planned: 2 });
    const jobs = await archive.queue(ARCHIVE_FETCH).getJobs(['waiting']);
    const planned = jobs.map(({ data }) => [data.window.id, data.window.organisation]).sort();
    const day = new Date(Date.now() - dayMs).toISOString().slice(0, 10).replaceAll('-', '');
    expect(planned).toEqual([
      ['BATCH_20260101_voice.two', 'two'],
      ['BATCH_20260102_voice.two', 'two'],
      [`BATCH_${day}.one`, 'one'],
      [`BATCH_${day}.two`, 'two'],
    ]);
    await archive.setWatermark(window('one', 5), 'one/');
    expect(await archive.watermark('one/')).toBe('2026-01-06T00:00:00.000Z');
    expect(await archive.watermark('two/')).toBeNull();
  });

  it('do not wait for each other: one asks to wait for an hour, is silent, and is away', async () => {
    await using both = await startTwo();
    const { archive, one, two } = both;
    const { service } = await both.run({ ARCHIVE_FETCH_CONCURRENCY: '1', GENESYS_TIMEOUT_SECONDS: '30' });
    two.pages = [{ body: arrayOf(conversations(3)) }];
    one.pages = [{ body: arrayOf(conversations(3)) }];

    one.misbehave = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    for (const day of [5, 6]) for (const id of ['one', 'two']) await archive.queueFetch(window(id, day));
    for (const day of [5, 6]) await archive.fetchIs('completed', window('two', day));
    expect((await archive.fetchIs('delayed', window('one', 5))).attemptsMade).toBe(0);
    expect(service.health.problems().join()).toMatch(/genesys archive of one: .*next attempt is made at/);
    expect(service.health.problems().join()).not.toContain('of two');
    const [pause = ''] = await archive.redis.keys(`{${archive.deployment}*:genesys:pause:*`);
    await archive.redis.del(pause);

    // All that one may have in hand hangs; the other one has room of its own.
    one.misbehave = () => ({ stallAfter: 1 });
    for (const day of [7, 8, 9]) await archive.queueFetch(window('one', day));
    await expect.poll(() => one.requests.length).toBeGreaterThan(1);
    for (const day of [7, 8]) await archive.queueFetch(window('two', day));
    for (const day of [7, 8]) await archive.fetchIs('completed', window('two', day));
    const states = await Promise.all(
      [7, 8, 9].map((day) => archive.queue(ARCHIVE_FETCH).getJobState(window('one', day).id)),
    );
    expect(states.filter((state) => state === 'active')).toHaveLength(1);
  });
});
