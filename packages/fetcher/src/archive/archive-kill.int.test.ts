import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stageChunkBytes } from '@trunkline/claim-check/stage';
import { expect, it } from 'vitest';
import { aDay, TestArchive } from './archive.fixture.ts';
import { arrayOf, conversations, sha256 } from './archive-server.fixture.ts';
import { PlatformServer, startsOf } from './platform-server.fixture.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** A fetcher as it is run, to be killed; it cannot outlive the scope that holds it. */
function startFetcher(archive: Pick<TestArchive, 'env'>): ChildProcess & AsyncDisposable {
  const child = spawn(process.execPath, ['--conditions=@trunkline/source', main], {
    // What the schedule plans by itself is of another medium, so that its requests are told apart.
    env: { PATH: process.env['PATH'], ...archive.env({ ARCHIVE_MEDIA_TYPES: 'email', HTTP_PORT: '0' }) },
    stdio: process.env['TEST_LOG_LEVEL'] === undefined ? 'ignore' : 'inherit',
  });
  return Object.assign(child, { [Symbol.asyncDispose]: () => killed(child) });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

it('a fetcher that is killed while it downloads costs the chunk that it was filling, and no conversation', async () => {
  await using archive = await TestArchive.start();
  const texts = conversations(3_000, 10_000);
  const body = arrayOf(texts);
  archive.server.pages = [{ body }];
  const ours = () => archive.server.requests.filter((request) => request.body.includes('voice'));
  archive.server.misbehave = (request) => {
    if (!request.body.includes('voice')) return { status: 200, body: '[]' };
    return ours().length === 1 ? { stallAfter: 20_000_000 } : null;
  };
  await archive.queueFetch();
  {
    await using first = startFetcher(archive);
    await expect
      .poll(async () => (await archive.staged()).filter((name) => /\/00000[0-3]$/.test(name)).length)
      .toBe(4);
    await killed(first);
  }
  const kept = await archive.staged();
  await using _second = startFetcher(archive);
  const job = await archive.fetchIs('completed');
  expect(job.returnvalue.source).toMatchObject({
    bytes: body.length,
    sha256: sha256(body),
    integrity: 'verified',
  });
  expect(ours().map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${4 * stageChunkBytes}-`]);
  expect((await archive.batches()).flat()).toEqual(texts);
  expect(kept.some((name) => name.endsWith('/head'))).toBe(true);
  expect((await archive.windowJobs()).map(({ data }) => data.window.id)).toContain(aDay.id);
});

it('a fetcher that is killed while it makes a page costs that page, with the platform contract', async () => {
  await using archive = await TestArchive.startOn(await PlatformServer.start());
  const { server } = archive;
  server.starts = startsOf(9);
  const linksOf = (index: number) => server.to(`/conversations/c-${index}/communications/`).length;
  // The last conversation of the second page is never answered, to the first fetcher.
  server.misbehave = ({ path, body }) => {
    if (path.includes('/query') && body.includes('email'))
      return { status: 200, body: '{"conversations":[]}' };
    return path.includes('/c-5/communications/') && linksOf(5) === 1 ? 'silence' : null;
  };
  await archive.queueFetch(aDay, 8, { pageSize: 3 });
  {
    await using first = startFetcher(archive);
    await expect.poll(() => linksOf(5)).toBe(1);
    await killed(first);
  }
  await using _second = startFetcher(archive);
  const job = await archive.fetchIs('completed');
  expect(job.returnvalue).toMatchObject({ conversations: 9, source: { integrity: 'unverified' } });
  expect((await archive.batches()).flat()).toEqual(server.documents());
  expect([0, 1, 2].map(linksOf)).toEqual([1, 1, 1]);
  expect(linksOf(5)).toBe(2);
});
