import {
  askElasticsearch,
  elasticsearchError,
  type Interference,
  isBulk,
  itemInFailureStore,
  itemRejected,
  itemWithoutShard,
  type System,
  until,
  withholdItems,
} from '@trunkline/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

function answer(status: number, type: string, reason: string): Interference {
  return { kind: 'answer', status, body: elasticsearchError(status, type, reason) };
}

/** Each strikes a few bulk requests of a running system. */
const bulkFaults: { name: string; fault: Interference; times: number }[] = [
  {
    name: '429 for the whole request',
    fault: answer(429, 'es_rejected_execution_exception', 'full'),
    times: 2,
  },
  { name: '503 for the whole request', fault: answer(503, 'cluster_block_exception', 'no master'), times: 2 },
  { name: '500 for the whole request', fault: answer(500, 'exception', 'broken'), times: 1 },
  { name: '413', fault: { kind: 'answer', status: 413, body: '' }, times: 2 },
  {
    name: 'HTML of a gateway with 502',
    fault: { kind: 'answer', status: 502, body: '<html></html>', headers: { 'content-type': 'text/html' } },
    times: 2,
  },
  { name: '429 for every third item', fault: withholdItems(3, itemRejected), times: 2 },
  { name: 'a shard away, so half of the items fail', fault: withholdItems(2, itemWithoutShard), times: 2 },
  { name: 'every item rejected', fault: withholdItems(1, itemRejected), times: 1 },
  { name: 'a reply cut off', fault: { kind: 'cut-reply', afterBytes: 300 }, times: 2 },
  {
    name: 'a truncated reply that looks whole',
    fault: { kind: 'exchange', reply: (reply) => ({ ...reply, body: reply.body.subarray(0, -20) }) },
    times: 2,
  },
  {
    name: 'a reply with fewer items than were sent',
    fault: {
      kind: 'exchange',
      reply: (reply) => {
        const { items, ...rest } = JSON.parse(reply.body.toString()) as { items: object[] };
        return { ...reply, body: Buffer.from(JSON.stringify({ ...rest, items: items.slice(1) })) };
      },
    },
    times: 1,
  },
  { name: 'a lost reply', fault: { kind: 'lose-reply' }, times: 1 },
  { name: 'a reset before anything was done', fault: { kind: 'reset' }, times: 2 },
  { name: 'a slow answer', fault: { kind: 'delay', ms: 1_500 }, times: 2 },
];

/** The system keeps its jobs whatever the sink does: none fails, none burns an attempt. */
async function jobsAreUntouched(system: System): Promise<void> {
  expect(await system.jobCounts()).toMatchObject({ failed: 0 });
  expect(await system.burnedAttempts()).toEqual([]);
  expect(system.indexers.flatMap(({ log }) => log.events('batch.failed'))).toEqual([]);
}

async function ask(system: System, method: string, path: string, body?: object): Promise<void> {
  const { status, text } = await askElasticsearch(system.elasticsearchUrl, method, `/${path}`, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status}: ${text}`);
}

describe('an Elasticsearch that refuses', () => {
  let system: System;

  beforeAll(async () => {
    system = await startSystem({
      simulator: { backlog: 100 },
      settings: { ELASTICSEARCH_TIMEOUT_SECONDS: '12' },
    });
    await system.drained();
  });

  afterAll(async () => {
    await system?.[Symbol.asyncDispose]();
  });

  test('whatever a bulk request is answered with, every event is stored once', async () => {
    for (const { name, fault, times } of bulkFaults) {
      const planned = system.faults.elasticsearchHttp.intercept(isBulk, fault, times);
      await system.genesys.addEvents(times * 150);
      await until(
        `${name}: has struck`,
        async () => {
          if (planned.struck > 0 && planned.struck < times) await system.genesys.addEvents(1);
          return planned.struck === times;
        },
        {
          everyMs: 200,
          told: async () => `Struck ${planned.struck} of ${times} times. ${await system.told()}`,
        },
      );
      await system.drained();
      await jobsAreUntouched(system);
    }
    await expectExactlyOnce(system);
  });

  test('a connection that stalls half-way is given up, and the batch is sent again', async () => {
    system.faults.elasticsearch.stall('reply');
    await system.genesys.addEvents(300);
    await system.indexers[0]?.untilProblem(/elasticsearch/i);
    await system.faults.elasticsearch.heal();
    await system.drained();
    await jobsAreUntouched(system);
    await expectExactlyOnce(system);
  });

  test('a document that a failure store took is a dead letter, not a success', async () => {
    // Once as they came, and once more in the form in which Elasticsearch takes almost anything.
    system.faults.elasticsearchHttp.intercept(isBulk, withholdItems(50, itemInFailureStore), 1);
    const last = system.faults.elasticsearchHttp.intercept(isBulk, withholdItems(1, itemInFailureStore), 1);
    await system.genesys.addEvents(100);
    await until('both have struck', () => last.struck === 1);
    await system.drained();
    expect((await system.deadLetters()).map(({ code }) => code)).toEqual([
      'AUDIT_EVENT_REFUSED',
      'AUDIT_EVENT_REFUSED',
    ]);
    await expectExactlyOnce(system, { deadLettered: 2 });
  });

  test('with its template deleted, an index that is made anew has the same mapping', async () => {
    const fields = await system.mappedFields();
    const indices = new Set((await system.stored()).map(({ index }) => index));
    await ask(system, 'DELETE', `_index_template/${system.names.id}*`);
    // It goes into an index that does not exist yet.
    await system.genesys.addOdd({ kind: 'no-usable-date' });
    await system.genesys.addEvents(150);
    await system.drained();
    const made = (await system.stored()).map(({ index }) => index).filter((index) => !indices.has(index));
    expect(made).toContain(`${system.names.indexPrefix}undated`);
    expect(await system.mappedFields()).toEqual(fields);
    await expectExactlyOnce(system, { deadLettered: 2 });
  });
});

test('without ILM, indices that have expired go all the same, and never many at once', async () => {
  await using system = await startSystem({ fetchers: 0, indexers: 0, simulator: { backlog: 200 } });
  // In the words of a cluster that lacks it; this one may have it.
  const asked = system.faults.elasticsearchHttp.intercept(({ path }) => path.startsWith('/_ilm/'), {
    kind: 'answer',
    status: 400,
    body: { error: 'no handler found for uri [/_ilm/policy] and method [GET]' },
  });
  const days = ['2001.01.01', '2001.01.02', '2001.01.03', '2001.01.04'];
  for (const day of days) {
    await ask(system, 'PUT', `${system.names.indexPrefix}${day}`, {
      settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 0 },
    });
  }
  const indexer = await system.addIndexer();
  const { indices } = await indexer.log.waitFor('retention.deleted');
  expect(indices).toEqual(days.slice(0, 3).map((day) => `${system.names.indexPrefix}${day}`));
  expect(asked.struck).toBeGreaterThan(0);
  await system.addFetcher();
  await system.drained();
  await system.untilReady();
  await expectExactlyOnce(system);
});
