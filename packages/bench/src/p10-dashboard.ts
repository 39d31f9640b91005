/** P10: what the dashboard costs and how soon it tells, with a hundred thousand jobs waiting and ten thousand failed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIT_DEAD_LETTER, AUDIT_INDEX, type QueueName } from '@trunkline/contracts';
import { freePort, s3AccessOf } from '@trunkline/local-stack';
import { bullConnection, openQueue, queuePrefix } from '@trunkline/service';
import { FaultProxy } from '@trunkline/test-kit';
import { UnrecoverableError, Worker } from 'bullmq';
import { archiveEnvironment, startOwnS3 } from './archive-parts.ts';
import type { Bench } from './measure.ts';
import { Pipeline } from './pipeline.ts';
import type { BenchProcess } from './processes.ts';
import { Source } from './source.ts';
import type { Line } from './table.ts';
import { until } from './until.ts';

const waitingJobs = 100_000;
const failedJobs = 10_000;
const browsers = 50;
/** Events a second while outages are looked for. */
const rate = 20;
/** What the overview says of a sink that cannot be reached. */
const outageText = 'the gate to Elasticsearch is shut';

export async function dashboardLines(bench: Bench): Promise<Line[]> {
  return [...(await loadedLines(bench)), ...(await outageLines(bench)), ...(await endLines(bench))];
}

/** How fast its pages are, and what open pages cost Redis. */
async function loadedLines({ parts, options, tell }: Bench): Promise<Line[]> {
  await using source = await Source.start(parts.folder, 0);
  const { url, settings } = await ownPort();
  await using pipeline = new Pipeline({ name: 'pages', parts, source, settings, profile: null });
  tell(`adding ${waitingJobs} jobs, and letting ${failedJobs} fail`);
  await fail(parts.redis, 'pages', AUDIT_INDEX, failedJobs / 2);
  await fail(parts.redis, 'pages', AUDIT_DEAD_LETTER, failedJobs / 2);
  await add(parts.redis, 'pages', AUDIT_INDEX, waitingJobs);
  await answering(url, await pipeline.start('dashboard'));

  const board = `${url}/queues/api/queues?activeQueue=${AUDIT_INDEX}&page=1&jobsPerPage=10`;
  const overview: number[] = [];
  const first: number[] = [];
  const failed: number[] = [];
  const latest: number[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const times: number[] = [];
    for (let n = 0; n < 10; n++) {
      // Longer than the feed holds a state: each is read anew.
      await sleep(1_050);
      times.push(await timeOf(url));
    }
    overview.push(Math.max(...times));
    first.push(await timeOf(`${url}/queues/`));
    failed.push(await timeOf(`${board}&status=failed`));
    latest.push(await timeOf(`${board}&status=latest`));
    tell(`round ${round} of ${options.rounds}`);
  }
  const one = await commandsASecond(parts.redis, url, 1);
  const many = await commandsASecond(parts.redis, url, browsers);
  const line = (what: string, unit: string, goal: Line['goal'], rounds: readonly number[]): Line => ({
    measure: 'P10',
    what,
    unit,
    goal,
    rounds,
  });
  return [
    line('overview, slowest of ten', 'ms', { atMost: 200 }, overview),
    line("Bull Board's page", 'ms', null, first),
    line('Bull Board, failed jobs', 'ms', { atMost: 2_000 }, failed),
    line('Bull Board, latest jobs', 'ms', { atMost: 2_000 }, latest),
    line(`Redis commands of ${browsers} browsers to one`, '', { atMost: 1.5 }, [many / one]),
    line('Redis commands of one browser', '/s', null, [one]),
  ];
}

/** How soon an outage of the sink stands on the overview, and how soon it is gone from there. */
async function outageLines({ parts, options, tell }: Bench): Promise<Line[]> {
  await using proxy = await FaultProxy.start(parts.elasticsearchUrl);
  await using source = await Source.start(parts.folder, rate);
  const { url, settings } = await ownPort();
  await using pipeline = new Pipeline({
    name: 'outages',
    parts,
    source,
    settings: { ...settings, AUDIT_POLL_INTERVAL_SECONDS: '1' },
    elasticsearchUrl: proxy.urlFor(parts.elasticsearchUrl),
    profile: null,
  });
  for (const program of ['indexer', 'fetcher'] as const) await pipeline.start(program);
  await answering(url, await pipeline.start('dashboard'));
  const says = async (): Promise<boolean> => (await text(url)).includes(outageText);
  const noticed: number[] = [];
  const recovered: number[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    await until('the overview tells of no outage', async () => !(await says()));
    // Not at the same moment of heartbeats and looks each time.
    await sleep(1_000 + Math.random() * 2_000);
    await proxy.refuse();
    noticed.push(await secondsUntil(says));
    await sleep(2_000);
    await proxy.heal();
    recovered.push(await secondsUntil(async () => !(await says())));
    tell(`round ${round} of ${options.rounds}: told after ${noticed.at(-1)?.toFixed(1)} s`);
  }
  const slowest = [Math.max(...noticed)];
  return [
    {
      measure: 'P10',
      what: 'outage of the sink until told, slowest',
      unit: 's',
      goal: { atMost: 5 },
      rounds: slowest,
    },
    { measure: 'P10', what: 'outage of the sink until told', unit: 's', goal: null, rounds: noticed },
    { measure: 'P10', what: 'its end until told', unit: 's', goal: null, rounds: recovered },
  ];
}

/** How soon a process that was killed stands on the overview; one that is stopped must not. */
async function endLines({ parts, options, tell }: Bench): Promise<Line[]> {
  await using stack = new AsyncDisposableStack();
  const s3 = await startOwnS3(parts.folder);
  stack.defer(() => s3.stop());
  await using source = await Source.start(parts.folder, rate);
  const { url, settings } = await ownPort();
  await using pipeline = new Pipeline({
    name: 'ends',
    parts,
    source,
    settings: { ...settings, ...archiveEnvironment('ends', parts.folder, s3AccessOf(s3)) },
    profile: null,
  });
  await answering(url, await pipeline.start('dashboard'));
  const programs = ['fetcher', 'indexer', 'redactor', 'uploader'] as const;
  const slowest: number[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const victims = await Promise.all(programs.map((program) => pipeline.start(program)));
    const stopped = await pipeline.start('indexer');
    await until('the overview tells of no end', async () => !/ (is|are) silent/.test(await text(url)));
    // Not at the same moment of heartbeats and looks each time.
    await sleep(1_000 + Math.random() * 2_000);
    await pipeline.stop(stopped);
    await Promise.all(victims.map((victim) => pipeline.kill(victim)));
    const seconds = await secondsUntil(async () => {
      const page = await text(url);
      if (page.includes('processes are silent'))
        throw new Error('A process that was stopped is told of as silent.');
      return programs.every((program) => page.includes(`One ${program} is silent`));
    });
    slowest.push(seconds);
    tell(
      `round ${round} of ${options.rounds}: the last of ${programs.length} told after ${seconds.toFixed(1)} s`,
    );
  }
  return [
    {
      measure: 'P10',
      what: 'fetcher, indexer, redactor, uploader killed, until the last is told, slowest',
      unit: 's',
      goal: { atMost: 5 },
      rounds: [Math.max(...slowest)],
    },
    { measure: 'P10', what: 'the same', unit: 's', goal: null, rounds: slowest },
  ];
}

async function ownPort(): Promise<{ url: string; settings: Record<string, string> }> {
  const port = await freePort();
  return { url: `http://127.0.0.1:${port}`, settings: { DASHBOARD_PORT: String(port) } };
}

/** Resolves when its pages are there: it is ready a moment before. */
async function answering(url: string, dashboard: BenchProcess): Promise<void> {
  await until('the dashboard answers', async () => {
    dashboard.requireRunning();
    return fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  });
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  return answer.text();
}

/** ms until the whole answer is there. */
async function timeOf(url: string): Promise<number> {
  const startedAt = performance.now();
  const answer = await fetch(url, { headers: { accept: 'text/html, application/json' } });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return performance.now() - startedAt;
}

async function secondsUntil(holds: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  while (!(await holds())) await sleep(50);
  return (performance.now() - startedAt) / 1_000;
}

/** What Redis has to do while so many pages are open. */
async function commandsASecond(redis: Bench['parts']['redis'], url: string, pages: number): Promise<number> {
  const closing = new AbortController();
  const { signal } = closing;
  const streams = Array.from({ length: pages }, async () => {
    const answer = await fetch(`${url}/events`, { signal });
    for await (const _ of answer.body ?? []) if (signal.aborted) return;
  });
  await sleep(2_000);
  const processed = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
  const before = await processed();
  const seconds = 10;
  await sleep(seconds * 1_000);
  const commands = (await processed()) - before;
  closing.abort();
  await Promise.allSettled(streams);
  return commands / seconds;
}

async function add(
  redis: Bench['parts']['redis'],
  deployment: string,
  name: QueueName,
  count: number,
): Promise<void> {
  const queue = openQueue(deployment, name, redis);
  const chunk = 1_000;
  for (let at = 0; at < count; at += chunk) {
    const jobs = Array.from({ length: Math.min(chunk, count - at) }, () => ({
      name: 'batch',
      data: jobData,
    }));
    await queue.addBulk(jobs.map((job) => ({ ...job, opts: { attempts: 1, stackTraceLimit: 1 } })));
  }
  await queue.close();
}

async function fail(
  redis: Bench['parts']['redis'],
  deployment: string,
  name: QueueName,
  count: number,
): Promise<void> {
  await add(redis, deployment, name, count);
  const own = redis.duplicate();
  const worker = new Worker(
    name,
    () => {
      throw new UnrecoverableError('AUDIT_EVENT_REFUSED: It waits for a person.');
    },
    { connection: bullConnection(own), prefix: queuePrefix(deployment, name), concurrency: 50 },
  );
  await new Promise<void>((resolve) => {
    let failed = 0;
    worker.on('failed', () => {
      failed += 1;
      if (failed === count) resolve();
    });
  });
  await worker.close();
  own.disconnect();
}

const jobData = {
  v: 1,
  kind: 'batch',
  stream: 'default',
  epoch: '9f2c41d07be0',
  seq: 4_711,
  payloadKey: '{pages:audit}:payload:default-9f2c41d07be0-4711-3b5c',
  eventCount: 100,
  payloadBytes: 76_812,
  fetchedAt: '2026-11-22T14:02:05.120Z',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  code: 'AUDIT_EVENT_REFUSED',
};
