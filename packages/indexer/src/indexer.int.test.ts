import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditSink } from '@trunkline/elasticsearch-sink';
import { platformEvent } from '@trunkline/genesys';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventText, idOf, TestPipeline, until } from './indexer.fixture.ts';

let pipeline: TestPipeline;

beforeEach(() => {
  pipeline = new TestPipeline();
});

afterEach(async () => {
  await pipeline[Symbol.asyncDispose]();
});

function events(count: number, more: Record<string, unknown> = {}): string[] {
  return Array.from({ length: count }, () => eventText(more));
}

async function failedReason(jobId: string): Promise<string> {
  await until(`job ${jobId} has failed`, async () => (await pipeline.queue.getJobState(jobId)) === 'failed');
  return (await pipeline.queue.getJob(jobId))?.failedReason ?? '';
}

describe('an indexer', () => {
  test('indexes every event of every batch once, settles them all and leaves nothing behind in Redis', async () => {
    const batches = Array.from({ length: 25 }, () => events(20));
    for (const batch of batches) await pipeline.add(batch);
    const { service } = await pipeline.start();
    await pipeline.settledAll();
    const stored = await pipeline.stored();
    expect([...stored.keys()].sort()).toEqual(batches.flat().map(idOf).sort());
    for (const { digest, contentDigest } of stored.values()) expect(contentDigest).toBe(digest);
    expect(await pipeline.redis.keys(`${pipeline.prefix}:payload:*`)).toEqual([]);
    expect(await pipeline.redis.keys(`${pipeline.prefix}:starts:*`)).toEqual([]);
    await service.totals.flush();
    expect(await pipeline.redis.hgetall(`${pipeline.prefix}:totals`)).toMatchObject({ created: '500' });
    expect(service.health.problems()).toEqual([]);
  });

  test('keeps every digit of an event', async () => {
    const text =
      '{"id":"exact","date":"2026-11-22T10:00:00Z","resourceType":"Flow","request":{"n":12345678901234567890,"f":0.10000000000000000001,"e":1E400}}';
    await pipeline.add([text]);
    await pipeline.start();
    await pipeline.settledAll();
    expect(await pipeline.storedText(`${pipeline.indexPrefix}2026.11.22`, 'exact', 'Flow')).toBe(text);
  });

  test('lets a replay of what is indexed change nothing', async () => {
    const batch = events(50);
    await pipeline.add(batch);
    await pipeline.start();
    await pipeline.settledAll();
    await pipeline.add([...batch, ...batch.slice(0, 10)]);
    await pipeline.settledAll();
    expect((await pipeline.stored()).size).toBe(50);
    expect(await pipeline.letters.countsByCode()).toEqual({});
  });

  test('indexes the 99 neighbours of each odd event, and loses none of the odd ones', async () => {
    const deep = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;
    const keys = `{${Array.from({ length: 2_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`;
    const odd = [
      '"ipAddress":"not-an-ip"',
      '"date":"last Tuesday"',
      `"request":${keys}`,
      `"request":${deep}`,
      `"userName":"${'u'.repeat(40_000)}"`,
      '"request":{"__proto__":{"a":1}}',
      '"userId":{"first":"Ada"}',
    ].map((member, n) => `{"id":"odd-${n}","resourceType":"Queue",${member}}`);
    await pipeline.start();
    for (const text of odd) await pipeline.add([...events(50), text, ...events(49)]);
    await pipeline.settledAll();
    const stored = await pipeline.stored();
    expect(stored.size).toBe(700);
    for (const text of odd) {
      const { index, digest, contentDigest } = stored.get(idOf(text)) ?? {};
      expect(contentDigest).toBe(digest);
      expect(await pipeline.storedText(index ?? '', idOf(text), 'Queue')).toBe(text);
    }
    const mapping = JSON.stringify(await pipeline.ask('GET', `/${pipeline.indexPrefix}*/_mapping`));
    expect(mapping).not.toContain('k1999');
    expect(await pipeline.letters.countsByCode()).toEqual({});
  });

  test('keeps the id of an earlier event with another body as a dead letter, and the neighbours in the index', async () => {
    const first = eventText({ request: { a: 1 } });
    const second = first.replace('"a":1', '"a":2');
    await pipeline.add(events(99).concat(first));
    await pipeline.start();
    await pipeline.settledAll();
    await pipeline.add([second, ...events(99)]);
    await pipeline.settledAll();
    const stored = await pipeline.stored();
    expect(stored.size).toBe(199);
    const { letters } = await listLetters();
    expect(letters.map(({ code, eventId }) => [code, eventId])).toEqual([['AUDIT_ID_CONFLICT', idOf(first)]]);
    expect((await pipeline.letters.get(letters[0]?.id ?? ''))?.text).toBe(second);
    expect(await pipeline.storedText(`${pipeline.indexPrefix}2026.11.22`, idOf(first), 'Queue')).toBe(first);
  });

  test('takes one event of the platform in all its shapes for one, and an altered one for a conflict', async () => {
    const common =
      '"remoteIp":["203.0.113.7"],"serviceName":"Routing","action":"Update","entity":{"id":"q","name":"Support"},"entityType":"Queue","propertyChanges":[{"property":"wrapUp","oldValues":[],"newValues":["1"]}]';
    const realtime = `{"id":"e","eventDate":"2026-11-22T10:00:00.250Z","user":{"id":"u","name":"Ada Lovelace"},"status":"SUCCESS","client":{"id":""},${common}}`;
    const body = `{"id":"e","eventTime":"2026-11-22T10:00:00.250+0000","userId":"u","userDisplay":"Ada Lovelace","clientId":{"id":"c"},${common}}`;
    const shapes = [
      realtime,
      `{"id":"e","eventDate":"2026-11-22T10:00:00.250Z","user":{"id":"u","selfUri":"/api/v2/users/u"},"status":"SUCCESS",${common}}`,
      `{"id":"e","eventTime":"2026-11-22T10:00:00Z","user":{"id":"u"},"status":"SUCCESS",${common}}`,
      `{"id":"aws-1","detail":{"topicName":"v2.audits","eventBody":${body}}}`,
      body,
    ].map((text) => platformEvent(Buffer.from(text)).toString());
    const altered = platformEvent(Buffer.from(realtime.replace('"1"', '"2"'))).toString();
    await pipeline.add(shapes.slice(0, 2));
    await pipeline.start();
    await pipeline.settledAll();
    await pipeline.add([...shapes, ...events(50)]);
    await pipeline.settledAll();
    expect((await pipeline.stored()).size).toBe(51);
    expect(await pipeline.letters.countsByCode()).toEqual({});
    await pipeline.add([altered]);
    await pipeline.settledAll();
    const { letters } = await listLetters();
    expect(letters.map(({ code, eventId }) => [code, eventId])).toEqual([['AUDIT_ID_CONFLICT', 'e']]);
    expect(await pipeline.storedText(`${pipeline.indexPrefix}2026.11.22`, 'e', 'Queue')).toBe(shapes[0]);
  });

  test('keeps what is no event as a dead letter of its own', async () => {
    await pipeline.add(['{"date":"2026-11-22"}', '7', ...events(3)]);
    await pipeline.start();
    await pipeline.settledAll();
    expect((await pipeline.stored()).size).toBe(3);
    const { letters } = await listLetters();
    expect(letters.map(({ code }) => code)).toEqual(['AUDIT_EVENT_MALFORMED', 'AUDIT_EVENT_MALFORMED']);
  });

  test('shows no user name and no ip address in Redis', async () => {
    await pipeline.add(events(20));
    await pipeline.add([eventText({ userId: 'x' }), '{"userName":"Ada Lovelace"}']);
    expect(await pipeline.redisText()).not.toMatch(/Lovelace|203\.0\.113\.77/);
    await pipeline.start();
    await pipeline.settledAll();
    await until(
      'the dead letter stands failed',
      async () => (await pipeline.deadLetterQueue.getFailedCount()) === 1,
    );
    expect(await pipeline.redisText()).not.toMatch(/Lovelace|203\.0\.113\.77/);
  });

  test('ends a job whose payload is gone or does not open without settling it', async () => {
    const gone = await pipeline.add(events(2));
    const altered = await pipeline.add(events(2));
    const keys = await pipeline.redis.keys(`${pipeline.prefix}:payload:*`);
    await pipeline.redis.del(...keys.filter((key) => key.endsWith(gone)));
    for (const key of keys.filter((name) => name.endsWith(altered))) {
      const payload = (await pipeline.redis.getBuffer(key)) as Buffer;
      payload[payload.length - 1] = (payload.at(-1) as number) ^ 1;
      await pipeline.redis.set(key, payload);
    }
    await pipeline.start();
    await until(
      'the jobs have ended',
      async () => (await pipeline.queue.getJobCountByTypes('wait', 'active')) === 0,
    );
    expect(await pipeline.queue.getFailedCount()).toBe(0);
    expect(await pipeline.watermark()).toBe(0);
    expect(await pipeline.redis.keys(`${pipeline.prefix}:payload:*`)).toEqual([]);
  });

  test.each([
    ['other fields', (data: object) => ({ ...data, seq: 'one' })],
    ['another number', (data: object) => ({ ...data, seq: 7 })],
    [
      "another batch's payload",
      (data: object) => ({ ...data, payloadKey: `${pipeline.prefix}:payload:other` }),
    ],
    ['a text', () => 'Ada Lovelace'],
  ])('fails a job that was given %s, and loses nothing', async (_, edit) => {
    const jobId = await pipeline.add(events(2));
    const job = await pipeline.queue.getJob(jobId);
    await job?.updateData(edit(job.data as object));
    await pipeline.start();
    const reason = await failedReason(jobId);
    expect(reason).toContain('JOB_INVALID');
    expect(reason).not.toContain('Ada');
    expect(await pipeline.watermark()).toBe(0);
    expect(await pipeline.redis.exists(`${pipeline.prefix}:payload:${jobId}`)).toBe(1);
  });
});

describe('dead letters on the queue', () => {
  test('wait among the failed jobs, and are indexed when a person retries after the cause is mended', async () => {
    // An index that somebody made with a mapping of their own refuses even the bare form.
    const index = `${pipeline.indexPrefix}2026.07.07`;
    await pipeline.ask('PUT', `/${index}`, {
      settings: { number_of_replicas: 0 },
      mappings: { properties: { action: { type: 'long' } } },
    });
    const refused = eventText({ date: '2026-07-07T00:00:00Z' });
    await pipeline.add([refused, ...events(9)]);
    await pipeline.start();
    await pipeline.settledAll();
    expect((await pipeline.stored()).size).toBe(9);
    await until(
      'the dead letter stands failed',
      async () => (await pipeline.deadLetterQueue.getFailedCount()) === 1,
    );
    const [job] = await pipeline.deadLetterQueue.getFailed();
    expect(job?.failedReason).toContain('DEAD_LETTER_AWAITS_PERSON');
    expect(job?.failedReason).toContain('AUDIT_EVENT_REFUSED (field action)');

    await job?.retry();
    await until('it is refused again', async () => {
      const [again] = await pipeline.deadLetterQueue.getFailed();
      return again?.failedReason?.includes('refused again') ?? false;
    });
    const [again] = await pipeline.deadLetterQueue.getFailed();
    expect(again?.failedReason).toBe(
      'AUDIT_EVENT_REFUSED: The event was refused again (document_parsing_exception, field action). Mend the cause and retry, or discard the dead letter with a reason.',
    );

    await pipeline.ask('DELETE', `/${index}`);
    await again?.retry();
    await until('it is done', async () => (await pipeline.deadLetterQueue.getCompletedCount()) === 1);
    expect((await pipeline.stored()).has(idOf(refused))).toBe(true);
    expect(await pipeline.letters.get(idOf(refused))).toMatchObject({ status: 'requeued', attempts: 2 });
  });

  test('that were discarded meanwhile are done when they are retried', async () => {
    await pipeline.add(['{"no":"id"}']);
    await pipeline.start();
    await until(
      'the dead letter stands failed',
      async () => (await pipeline.deadLetterQueue.getFailedCount()) === 1,
    );
    const { letters } = await listLetters();
    await pipeline.letters.discard(letters[0]?.id ?? '', 'not an event', new Date().toISOString(), 'ops');
    const [job] = await pipeline.deadLetterQueue.getFailed();
    await job?.retry();
    await until('it is done', async () => (await pipeline.deadLetterQueue.getCompletedCount()) === 1);
  });

  test('do not carry the stream away when Elasticsearch refuses everything', async () => {
    const index = `${pipeline.indexPrefix}2026.07.07`;
    await pipeline.ask('PUT', `/${index}`, {
      settings: { number_of_replicas: 0 },
      mappings: { properties: { action: { type: 'long' } } },
    });
    for (let n = 0; n < 12; n++) await pipeline.add(events(20, { date: '2026-07-07T00:00:00Z' }));
    const { service } = await pipeline.start({
      ES_PROBE_SECONDS: '3600',
      WORKER_CONCURRENCY: '1',
      BULKS_IN_FLIGHT: '1',
    });
    await until('the gate is shut', () =>
      service.health.problems().some((problem) => problem.includes('in a row')),
    );
    await until('jobs are given back', async () => (await pipeline.queue.getActiveCount()) === 0);
    expect(await pipeline.queue.getWaitingCount()).toBe(8);
    const jobs = await pipeline.queue.getWaiting();
    expect(jobs.map(({ attemptsMade }) => attemptsMade)).toEqual(jobs.map(() => 0));
    expect(await pipeline.watermark()).toBe(4);
  });
});

describe('while Elasticsearch cannot take writes', () => {
  test('a yellow index shuts the gate: jobs wait, no attempt is burned, and all goes on by itself when it is green', async () => {
    const yellow = `${pipeline.indexPrefix}2026.01.01`;
    const { service } = await pipeline.start();
    await until('the gate is open', () => service.health.problems().length === 0);
    await pipeline.ask('PUT', `/${yellow}`, { settings: { number_of_replicas: 1 } });
    await until('the gate is shut', async () => {
      await pipeline.add(events(1)); // the gate is asked when there is something to index
      return service.health.problems().some((problem) => problem.includes('is yellow'));
    });
    const waiting = await pipeline.add(events(10));
    await until('nothing is in hand', async () => (await pipeline.queue.getActiveCount()) === 0);
    const job = await pipeline.queue.getJob(waiting);
    expect([await job?.getState(), job?.attemptsMade]).toEqual(['waiting', 0]);
    await pipeline.ask('PUT', `/${yellow}/_settings`, { 'index.number_of_replicas': 0 });
    await pipeline.settledAll();
    expect(await pipeline.queue.getFailedCount()).toBe(0);
    expect(service.health.problems()).toEqual([]);
  });

  test('a yellow index is no hindrance where yellow is what is asked for', async () => {
    await pipeline.ask('PUT', `/${pipeline.indexPrefix}2026.01.01`, { settings: { number_of_replicas: 1 } });
    await pipeline.add(events(5));
    await pipeline.start({ ES_REQUIRED_HEALTH: 'yellow', AUDIT_REPLICAS: '1' });
    await pipeline.settledAll();
  });

  test('a write block shuts the gate until it is lifted', async () => {
    const { service } = await pipeline.start();
    await pipeline.add(events(5));
    await pipeline.settledAll();
    const index = `${pipeline.indexPrefix}2026.11.22`;
    await pipeline.ask('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': true });
    const blocked = await pipeline.add(events(5));
    await until('the gate is shut', () =>
      service.health.problems().some((problem) => problem.includes('block 12')),
    );
    await until('nothing is in hand', async () => (await pipeline.queue.getActiveCount()) === 0);
    expect((await pipeline.queue.getJob(blocked))?.attemptsMade).toBe(0);
    await pipeline.ask('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': null });
    await pipeline.settledAll();
    expect(service.health.problems()).toEqual([]);
  });

  test('a cluster that is away keeps jobs waiting from the start, and is told', async () => {
    const { service } = await pipeline.start({ ELASTICSEARCH_URL: 'http://127.0.0.1:1' });
    const jobId = await pipeline.add(events(5));
    await until('it is told', () =>
      service.health.problems().some((problem) => problem.includes('could not be reached')),
    );
    await sleep(200);
    const job = await pipeline.queue.getJob(jobId);
    expect([await job?.getState(), job?.attemptsMade]).toEqual(['waiting', 0]);
    expect(service.health.overdue()).toEqual([]);
  });

  test('requests that fail as a whole open the breaker; nothing is failed, and all goes on when they succeed again', async () => {
    let failing = true;
    const { TrunklineError } = await import('@trunkline/contracts');
    const { service } = await pipeline.start(
      {},
      {
        wrapSink: (sink: AuditSink) => ({
          storedDigests: sink.storedDigests.bind(sink),
          storedTexts: sink.storedTexts.bind(sink),
          bulk: (items, signal) =>
            failing
              ? Promise.reject(
                  new TrunklineError('ELASTICSEARCH_OVERLOADED', { message: 'too many requests' }),
                )
              : sink.bulk(items, signal),
        }),
      },
    );
    for (let n = 0; n < 5; n++) await pipeline.add(events(5));
    await until('the breaker is open', () =>
      service.health.problems().some((problem) => problem.includes('one after another')),
    );
    failing = false;
    await pipeline.settledAll();
    expect(await pipeline.queue.getFailedCount()).toBe(0);
    expect((await pipeline.stored()).size).toBe(25);
  });

  test('items that meet an overloaded shard are sent again alone', async () => {
    const sent: number[] = [];
    await pipeline.start(
      {},
      {
        wrapSink: (sink: AuditSink) => ({
          storedDigests: sink.storedDigests.bind(sink),
          storedTexts: sink.storedTexts.bind(sink),
          bulk: async (items, signal) => {
            sent.push(items.length);
            if (sent.length > 2) return sink.bulk(items, signal);
            const taken = items.filter((_, place) => place % 2 === 0);
            const outcomes = await sink.bulk(taken, signal);
            return items.map((_, place) =>
              place % 2 === 0
                ? (outcomes[place / 2] as (typeof outcomes)[number])
                : { kind: 'retry', status: 429, errorType: 'es_rejected_execution_exception' },
            );
          },
        }),
      },
    );
    await pipeline.add(events(8));
    await pipeline.settledAll();
    expect(sent).toEqual([8, 4, 2]);
    expect((await pipeline.stored()).size).toBe(8);
  });
});

describe('a stopped indexer', () => {
  test('finishes or gives back what it has in hand', async () => {
    for (let n = 0; n < 40; n++) await pipeline.add(events(10));
    const first = await pipeline.start();
    await until('it is at work', async () => (await pipeline.watermark()) > 0);
    await first.stop();
    expect(await pipeline.queue.getActiveCount()).toBe(0);
    expect(await pipeline.redis.keys(`${pipeline.prefix}:starts:*`)).toEqual([]);
    await pipeline.start();
    await pipeline.settledAll();
    expect((await pipeline.stored()).size).toBe(400);
  });
});

async function listLetters() {
  await pipeline.ask('POST', `/${pipeline.deployment}-dead-letters/_refresh`);
  return pipeline.letters.list({});
}
