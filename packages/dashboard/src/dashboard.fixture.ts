/** A dashboard on a real Redis with a prefix of its own, for tests. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  type ArchivedWindow,
  type AuditBatchJob,
  type AuditDeadLetterJob,
  archivedWindowsKey,
  deploymentPrefix,
  type Facts,
  type Heartbeat,
  pipelinePrefix,
  type QueueName,
  queueNames,
} from '@trunkline/contracts';
import { DeadLetterTally, History, type Picture, readPicture } from '@trunkline/overview';
import { connectRedis, createLogger, loadSettings, openQueue } from '@trunkline/service';
import { type Job, type Queue, UnrecoverableError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { hashPassword } from './access/password.ts';
import { createApp } from './app.ts';
import { checkDashboardSettings, dashboardSettings } from './config.ts';
import { carryOut } from './dead-letters/decide.ts';
import { DeadLetterPlaces } from './dead-letters/places.ts';
import { DecisionRuns } from './dead-letters/runs.ts';
import { OverviewFeed } from './overview/feed.ts';
import { RedisPulse } from './redis-pulse.ts';

export const passwords = { ana: 'an operator of tests', vera: 'a viewer of the tests' } as const;

/** `ana` is an operator, `vera` a viewer. Hashed once: each costs a tenth of a second. */
const usersText = Promise.all([hashPassword(passwords.ana), hashPassword(passwords.vera)]).then(
  ([ana, vera]) => `ana:operator:${ana},vera:viewer:${vera}`,
);

interface LogLine {
  event: string;
  [field: string]: unknown;
}

export interface TestDashboard {
  readonly url: string;
  readonly deployment: string;
  readonly redis: Redis;
  readonly registry: Registry;
  readonly log: LogLine[];
  queue(name: QueueName): Queue;
  /** Processes that beat until the dashboard is closed; those of the same names are replaced. */
  beat(beats: readonly Heartbeat[]): Promise<void>;
  close(): Promise<void>;
}

/** @param env settings beside Redis and users; an empty DASHBOARD_USERS makes a dashboard without users */
export async function startDashboard(
  redisUrl: string,
  env: Record<string, string> = {},
): Promise<TestDashboard> {
  const settings = {
    REDIS_URL: redisUrl,
    TRUNKLINE_PREFIX: `dashboard-${randomBytes(5).toString('hex')}`,
    DASHBOARD_USERS: await usersText,
    ...env,
  };
  const config = loadSettings(dashboardSettings, settings, checkDashboardSettings);
  const { deployment } = config.process;
  const log: LogLine[] = [];
  const logger = createLogger(
    { service: 'dashboard', instance: 'test', level: 'info' },
    { write: (line: string) => void log.push(JSON.parse(line) as LogLine) },
  );
  const redis = connectRedis(config.redis, 'dashboard-test', logger);
  await once(redis, 'ready');
  const queues = new Map(queueNames.map((name) => [name, openQueue(deployment, name, redis)]));
  const queue = (name: QueueName): Queue => queues.get(name) as Queue;
  const { streams } = config.dashboard;
  const places = new DeadLetterPlaces(config, queue);
  const runs = new DecisionRuns(
    redis,
    deployment,
    (decision, by, goesOn) => carryOut(decision, places, by, goesOn),
    logger,
  );
  const { auditCounts } = places;
  const tally = new DeadLetterTally(redis, queue, {
    maxAgeMs: 500,
    ...(auditCounts === null ? {} : { audit: auditCounts }),
  });
  const history = new History(redis, deployment);
  const feed = new OverviewFeed(
    () => readPicture({ redis, deployment, streams, queue, deadLetters: tally }),
    history,
  );
  const registry = new Registry();
  const pulse = new RedisPulse(redis);
  pulse.start();
  const app = createApp({
    config: config.dashboard,
    deployment,
    redis,
    pulse,
    queue,
    feed,
    places,
    runs,
    tally,
    log: logger,
    registry,
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const beating = new Map<string, Heartbeat>();
  const beat = async (beats: readonly Heartbeat[]): Promise<void> => {
    for (const one of beats) beating.set(one.instance, one);
    if (beating.size === 0) return;
    const beatAt = new Date(Date.now() - 900).toISOString();
    const fields = [...beating].map(([instance, one]) => [instance, JSON.stringify({ ...one, beatAt })]);
    await redis.hset(`${deploymentPrefix(deployment)}:heartbeats`, Object.fromEntries(fields));
  };
  const heart = setInterval(() => void beat([]), 2_000);

  return {
    url: `http://127.0.0.1:${port}`,
    deployment,
    redis,
    registry,
    log,
    queue,
    beat,
    close: async () => {
      clearInterval(heart);
      pulse.stop();
      feed.stop();
      await runs[Symbol.asyncDispose]();
      await places[Symbol.asyncDispose]();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const one of queues.values()) {
        await one.obliterate({ force: true });
        await one.close();
      }
      const keys = await redis.keys(`*${deployment}*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    },
  };
}

/** Logs in and returns the `Cookie` header of the session. */
export async function logIn(dashboard: TestDashboard, name: keyof typeof passwords): Promise<string> {
  const answer = await post(dashboard, '/login', { name, password: passwords[name] });
  const cookie = answer.headers.get('set-cookie');
  if (answer.status !== 303 || cookie === null) throw new Error(`${name} could not log in: ${answer.status}`);
  return cookie.split(';')[0] ?? '';
}

/** Posts a form as the dashboard's own page would. */
export function post(
  dashboard: TestDashboard,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(dashboard.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: dashboard.url, accept: 'text/html', ...headers },
    body: new URLSearchParams(form),
  });
}

export const batchJob: AuditBatchJob = {
  v: 1,
  kind: 'batch',
  stream: 'default',
  epoch: '9f2c41d07be0',
  seq: 4711,
  payloadKey: '{trunkline:audit}:payload:default-9f2c41d07be0-4711-3b5c',
  eventCount: 100,
  payloadBytes: 76_812,
  fetchedAt: '2026-11-22T14:02:05.120Z',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
};

export const deadLetterJob: AuditDeadLetterJob = {
  v: 1,
  kind: 'dead-letter',
  stream: 'default',
  deadLetterId: 'c1f4b6de-0d7e-4a53-bb0e-0f5a7d1d9f11',
  code: 'AUDIT_EVENT_REFUSED',
  field: 'context.clientIp',
  deadLetteredAt: '2026-11-22T14:02:06.001Z',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
};

const jobNames: Partial<Record<QueueName, string>> = {
  'audit-index': 'batch',
  'audit-dead-letter': 'dead-letter',
};

/** Adds a job and lets a real worker fail it for good. */
export async function failedJob(
  dashboard: TestDashboard,
  name: QueueName,
  data: object,
  reason = 'Elasticsearch refused the batch for good (mapper_parsing_exception).',
  jobId?: string,
): Promise<Job> {
  const queue = dashboard.queue(name);
  const job = await queue.add(jobNames[name] ?? name, data, jobId === undefined ? {} : { jobId });
  const failed = Promise.withResolvers<void>();
  const worker = new Worker(
    name,
    () => {
      throw new UnrecoverableError(reason);
    },
    { connection: queue.opts.connection, prefix: queue.opts.prefix ?? '' },
  );
  worker.on('failed', (one) => {
    if (one?.id === job.id) failed.resolve();
  });
  await failed.promise;
  await worker.close();
  return job;
}

/** Writes what a running pipeline would: two processes, a stream, totals. */
export async function seedPipeline(
  dashboard: TestDashboard,
  changes: Partial<Heartbeat> = {},
): Promise<void> {
  const { redis, deployment } = dashboard;
  const now = Date.now();
  await dashboard.beat(
    processesOf(
      ['fetcher', 4121, {}, { streams: { default: streamFacts(now) }, ...changes }],
      ['indexer', 4187, { gate: 'open', breaker: 'closed', batchesInHand: 6 }, changes],
      ['indexer', 4189, { gate: 'open', breaker: 'closed', batchesInHand: 9 }, changes],
    ),
  );
  const audit = pipelinePrefix(deployment, 'audit');
  await redis
    .multi()
    .hset(`${audit}:totals`, { received: 17_284_300, created: 17_283_512, duplicate: 412, deadLettered: 2 })
    .hset(`${audit}:stream:default:S`, {
      receivedCursor: 'c-12884',
      receivedSeq: 12_884,
      receivedAt: now - 2_000,
      receivedPage: 'f',
      indexedCursor: 'c-12876',
      indexedSeq: 12_876,
      indexedAt: now - 9_000,
    })
    .set(`${audit}:stream:default:L`, 'fetcher-node-a-4121')
    .hset(
      `${audit}:stream:default:F`,
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [12_877 + i, '0|c|j'])),
    )
    .exec();
}

/** What a fetcher that is well tells of its stream. */
function streamFacts(now: number): Facts {
  return {
    lease: 'held',
    lagSeconds: 2,
    drained: false,
    replayWindowMs: 86_400_000,
    lastPollAt: new Date(now - 700).toISOString(),
    genesysPausedUntil: null,
    outlet: 'queue',
    queueDepth: 14,
    spoolBatches: 0,
  };
}

/** Writes samples of the last day, as a dashboard keeps them: a calm pipeline with an outage of twenty minutes. */
export async function seedHistory({ redis, deployment }: TestDashboard): Promise<void> {
  const history = new History(redis, deployment);
  const now = Date.now();
  const outageAt = now - 34 * 60_000;
  let [received, created] = [1_200_000, 1_200_000];
  for (const stepMs of [240_000, 10_000]) {
    const spanMs = stepMs === 240_000 ? 23 * 3_600_000 : 3_600_000;
    for (
      let at = now - (stepMs === 240_000 ? 24 : 1) * 3_600_000, end = at + spanMs;
      at < end;
      at += stepMs
    ) {
      const wave = 1 + 0.35 * Math.sin(at / 900_000) + 0.12 * Math.sin(at / 41_000);
      const gained = Math.round((stepMs / 1_000) * 210 * wave);
      received += gained;
      const isOut = at > outageAt && at < outageAt + 8 * 60_000;
      if (!isOut) created = Math.min(received, created + gained * (received > created + 10_000 ? 4 : 1));
      const lagSeconds = isOut ? (at - outageAt) / 1_000 + 2 : Math.max(2, (received - created) / 210 / 4);
      const streams = [{ ...sampledStream, lagSeconds }];
      const totals = { received, created, duplicate: 400, deadLettered: at > outageAt + 480_000 ? 3 : 0 };
      await history.add({ ...emptyPicture, takenAt: at, streams, totals });
    }
  }
}

const sampledStream = {
  id: 'default',
  kind: 'live',
  received: { seq: 1, at: 1 },
  indexed: { seq: 1, at: 1 },
  inFlight: 0,
  leaseHolder: null,
  replayClosesAt: null,
  replayWindowMs: null,
  drained: null,
  lastPollAt: null,
  pausedUntil: null,
  readsBy: null,
  outlet: null,
  spoolBatches: null,
} as const;

const emptyPicture: Picture = {
  takenAt: 0,
  processes: [],
  streams: [],
  queues: [],
  totals: {},
  archive: { totals: {}, windows: [], failedSteps: [], heldBack: [] },
  deadLetters: { audit: null, archive: null },
};

/** Writes what an archive leaves behind: its processes, its last windows, totals, a batch on its way. */
export async function seedArchive(
  dashboard: TestDashboard,
  uploader: Partial<Heartbeat> = {},
): Promise<void> {
  const { redis, deployment } = dashboard;
  const oldest = `BATCH_${new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '')}`;
  const plan = {
    archiveWatermark: `${new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`,
    archiveUnfinished: 1,
    archiveOldestUnfinished: oldest,
  };
  await dashboard.beat(
    processesOf(
      ['fetcher', 4125, plan, {}],
      ['redactor', 4201, { jobsInHand: 2 }, {}],
      ['uploader', 4205, { gate: 'open', jobsInHand: 1 }, uploader],
    ),
  );
  const day = (ago: number): string =>
    `${new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)}`;
  const windows = [1, 2, 3].map(
    (ago): ArchivedWindow => ({
      windowId: `BATCH_${day(ago).replaceAll('-', '')}`,
      from: `${day(ago)}T00:00:00.000Z`,
      to: `${day(ago - 1)}T00:00:00.000Z`,
      status: ago === 2 ? 'FAILURE' : 'SUCCESS',
      conversations: ago === 2 ? null : 12_040,
      bytes: ago === 2 ? null : 41_020_000,
      cost: ago === 2 ? null : 0.0005,
      integrity: ago === 2 ? null : 'verified',
      missingTexts: ago === 2 ? null : ago === 3 ? 2 : 0,
      at: `${day(ago - 1)}T01:04:00.000Z`,
    }),
  );
  const prefix = pipelinePrefix(deployment, 'archive');
  await redis
    .multi()
    .rpush(archivedWindowsKey(deployment), ...windows.map((window) => JSON.stringify(window)))
    .hset(`${prefix}:totals`, {
      windowsArchived: 2,
      windowsFailed: 1,
      conversationsArchived: 24_080,
      conversationsDeadLettered: 1,
      valuesRedacted: 91_204,
      bytesArchived: 82_040_000,
      completionEvents: 2,
    })
    .exec();
}

/** A heartbeat each. */
function processesOf(
  ...processes: [service: string, pid: number, facts: Heartbeat['facts'], changes: Partial<Heartbeat>][]
): Heartbeat[] {
  const now = Date.now();
  return processes.map(([service, pid, facts, changes]) => ({
    v: 1,
    service,
    instance: `${service}-node-a-${pid}`,
    version: '0.1.0',
    host: 'node-a',
    pid,
    startedAt: new Date(now - 5_400_000).toISOString(),
    beatAt: new Date(now - 900).toISOString(),
    live: true,
    ready: true,
    problems: [],
    httpUrl: `http://127.0.0.1:4${pid}`,
    facts,
    ...changes,
  }));
}
