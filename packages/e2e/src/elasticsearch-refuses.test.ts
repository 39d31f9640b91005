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
import { describe, expect, test } from 'vitest';
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

test('whatever a bulk request is answered with, every event is stored once', async () => {
  await using system = await startSystem({ simulator: { backlog: 100 } });
  await system.drained();
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
  await using system = await startSystem({
    simulator: { backlog: 100 },
    settings: { ELASTICSEARCH_TIMEOUT_SECONDS: '2' },
  });
  await system.drained();
  system.faults.elasticsearch.stall('reply');
  await system.genesys.addEvents(300);
  await system.indexers[0]?.untilProblem(/elasticsearch/i);
  await system.faults.elasticsearch.heal();
  await system.drained();
  await jobsAreUntouched(system);
  await expectExactlyOnce(system);
});

test('a document that a failure store took is a dead letter, not a success', async () => {
  await using system = await startSystem({ simulator: { backlog: 100 } });
  await system.drained();
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

/** What an operator or a cluster does to the indices, and how it is undone. */
const shutGates: {
  name: string;
  settings?: Record<string, string>;
  begin: (system: System) => Promise<void>;
  end: (system: System) => Promise<void>;
  tells: RegExp;
}[] = [
  {
    name: 'a flood-stage block',
    begin: (system) => setBlock(system, 'read_only_allow_delete', true),
    end: (system) => setBlock(system, 'read_only_allow_delete', null),
    tells: /block|flood|disk/i,
  },
  {
    name: 'a write block',
    begin: (system) => setBlock(system, 'write', true),
    end: (system) => setBlock(system, 'write', null),
    tells: /block/i,
  },
  {
    name: 'yellow health',
    begin: async (system) => {
      await ask(system, 'PUT', `${system.names.indexPrefix}2001.01.01`, {
        settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 1 },
      });
    },
    end: async (system) => {
      await ask(system, 'PUT', `${system.names.indexPrefix}2001.01.01/_settings`, {
        'index.number_of_replicas': 0,
      });
    },
    tells: /yellow/i,
  },
  {
    name: 'red health',
    begin: async (system) => {
      await ask(system, 'PUT', `${system.names.indexPrefix}2001.01.02?wait_for_active_shards=0&timeout=1s`, {
        settings: {
          'index.number_of_shards': 1,
          'index.number_of_replicas': 0,
          'index.routing.allocation.require.nowhere': 'yes',
        },
      });
    },
    end: async (system) => {
      await ask(system, 'DELETE', `${system.names.indexPrefix}2001.01.02`);
    },
    tells: /red/i,
  },
  {
    name: 'a key that was revoked',
    begin: async (system) => {
      system.faults.elasticsearchHttp.intercept(
        () => true,
        answer(403, 'security_exception', 'action [indices:data/write/bulk] is unauthorized for API key'),
      );
    },
    end: async (system) => system.faults.elasticsearchHttp.heal(),
    tells: /elasticsearch|permission|unauthorized|not allowed/i,
  },
];

async function ask(system: System, method: string, path: string, body?: object): Promise<void> {
  const { status, text } = await askElasticsearch(system.elasticsearchUrl, method, `/${path}`, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status}: ${text}`);
}

function setBlock(system: System, block: string, on: true | null): Promise<void> {
  return ask(system, 'PUT', `${system.names.indexPrefix}*/_settings`, { [`index.blocks.${block}`]: on });
}

describe.concurrent('the gate', () => {
  test.for(shutGates)(
    '$name holds batches back, is told, and ends by itself',
    async ({ begin, end, tells }) => {
      await using system = await startSystem({ simulator: { backlog: 200 } });
      await system.drained();
      await begin(system);
      await system.genesys.addEvents(500);
      const [indexer] = system.indexers;
      await indexer?.untilProblem(tells);
      await until('the batches wait', async () => ((await system.jobCounts())['wait'] ?? 0) >= 5);
      await jobsAreUntouched(system);
      await end(system);
      await system.drained();
      await indexer?.untilReady();
      await jobsAreUntouched(system);
      await expectExactlyOnce(system);
      expect(await system.deadLetters()).toEqual([]);
    },
  );
});

test('with its template deleted, an index that is made anew has the same mapping', async () => {
  await using system = await startSystem({ simulator: { backlog: 200 } });
  await system.drained();
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
  await expectExactlyOnce(system);
});
