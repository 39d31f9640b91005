import type { FaultInput } from '@trunkline/simulator';
import { type ArchiveSystem, until } from '@trunkline/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { impatient } from './chaos/faults.ts';
import { expectArchivedOnce, startArchiveSystem } from './start-archive-system.ts';

let system: ArchiveSystem;
/** Each group of faults has a day of its own, on which somebody wrote a message or a mail: one of them is to be left out. */
let daysAgo = 1;
let days = 1;

async function nextDay(): Promise<string> {
  days += 1;
  for (;;) {
    const from = `${system.day(++daysAgo)}T00:00:00.000Z`;
    const to = `${system.day(daysAgo - 1)}T00:00:00.000Z`;
    for await (const _ of system.genesys.conversations({ from, to, media: ['message', 'email'] }))
      return system.day(daysAgo);
  }
}

beforeAll(async () => {
  system = await startArchiveSystem({
    contract: 'platform',
    media: ['voice', 'chat', 'message', 'email', 'callback'],
    simulator: { archiveConversations: 24 },
    settings: { GENESYS_RATE_PER_SECOND: '100', ...impatient },
  });
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

test('a day of every medium is archived with transcripts, messages and mails', async () => {
  await system.archived(system.day(1));
  const { stored } = await expectArchivedOnce(system);
  expect(stored).toBe(24);
});

const query = 'conversations-query';
const jobs = 'conversations-jobs';
const transcripts = 'conversations-transcripts';
const download = 'conversations-download';
const messages = 'conversations-messages';

test.for<{ name: string; faults: FaultInput[] }>([
  {
    name: 'refusals and web pages',
    faults: [
      { kind: 'rate-limit', match: jobs, times: 1, retryAfterSeconds: 1 },
      { kind: 'status', match: transcripts, times: 2, status: 503 },
      { kind: 'html-200', match: messages, times: 1 },
      { kind: 'unauthorized', match: transcripts, times: 1, after: 5 },
      { kind: 'job-failed', times: 1 },
      { kind: 'job-lost', times: 1 },
    ],
  },
  {
    name: 'broken connections, and what is not ready or not there any more',
    faults: [
      { kind: 'reset', match: jobs, times: 1 },
      { kind: 'reset-mid-body', match: jobs, times: 1, after: 4 },
      { kind: 'job-expired', times: 1 },
      { kind: 'cut', match: messages, times: 1 },
      { kind: 'transcript-pending', times: 1 },
      { kind: 'text-left-out', times: 1 },
      { kind: 'link-expired', times: 2 },
    ],
  },
  {
    name: 'downloads that are broken off, and begin again or end early',
    faults: [
      { kind: 'reset-mid-body', match: download, times: 2 },
      { kind: 'range-ignored', match: download, times: 1 },
      { kind: 'truncate', match: download, times: 1, after: 5 },
    ],
  },
  {
    name: 'a store that has another object when a download goes on',
    faults: [
      { kind: 'cut', match: download, times: 1 },
      { kind: 'new-etag', match: download, times: 1, after: 1 },
      { kind: 'stall', match: download, times: 1, after: 3, bytes: 1000, ms: 20_000 },
    ],
  },
])('$name lose nothing', async ({ faults }) => struckWhile(await nextDay(), faults));

/** Archives a day while these faults strike, each as often as it was planned. */
async function struckWhile(day: string, faults: readonly FaultInput[]): Promise<void> {
  const ids = await system.genesys.addFaults(...faults);
  await system.planned(day);
  await system.archived(day);
  const planned = (await system.genesys.faults()).filter(({ id }) => ids.includes(id));
  expect(planned.map(({ fault, struck }) => `${fault.kind} ${struck}`)).toEqual(
    planned.map(({ fault }) => `${fault.kind} ${fault.times}`),
  );
  await system.genesys.clearFaults();
}

test('kill -9 of the fetcher in the middle of a window loses nothing', async () => {
  const day = await nextDay();
  const [fetcher] = system.fetchers;
  const before = (await system.genesys.requests()).at(-1)?.seq ?? 0;
  await system.planned(day);
  await until('transcripts are asked for', async () => {
    const asked = await system.genesys.requests(before);
    return asked.filter(({ route }) => route === transcripts).length > 10;
  });
  await fetcher?.kill();
  expect(await system.manifests.exists({ id: system.windowId(day) })).toBe(false);
  await fetcher?.start();
  await system.archived(day);
});

test('a day that is read by the query, which is refused and broken off, loses nothing', async () => {
  const day = await nextDay();
  const [fetcher] = system.fetchers;
  await fetcher?.kill();
  if (fetcher !== undefined) fetcher.env['ARCHIVE_SOURCE'] = 'analytics-query';
  await fetcher?.start();
  await struckWhile(day, [
    { kind: 'rate-limit', match: query, times: 1, retryAfterSeconds: 1 },
    { kind: 'reset-mid-body', match: query, times: 2 },
    { kind: 'truncate', match: query, times: 1 },
    { kind: 'html-200', match: query, times: 1 },
  ]);
});

test('after all of it every conversation is archived once', async () => {
  expect((await expectArchivedOnce(system)).windows).toBe(days);
});
