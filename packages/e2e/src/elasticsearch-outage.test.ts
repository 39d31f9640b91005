import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@trunkline/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OwnPart, ownElasticsearch } from './own-parts.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

let elasticsearch: OwnPart;

beforeAll(async () => {
  elasticsearch = await ownElasticsearch();
});

afterAll(async () => {
  await elasticsearch?.stop();
});

const outageMs = 30_000;

test('Elasticsearch stopped for 30 s fails no job and burns no attempt, and the polls go on meanwhile', async () => {
  await using system = await startSystem({
    elasticsearchUrl: elasticsearch.url,
    indexers: 2,
    simulator: { backlog: 1_000, rate: 100 },
  });
  await system.untilIndexed(500);
  const begin = performance.now();
  await elasticsearch.takeDown('SIGKILL');
  const atBegin = await system.genesys.summary();
  for (const indexer of system.indexers) {
    await indexer.untilProblem(/elasticsearch/i);
    expect((await indexer.get('livez')).status).toBe(200);
  }
  while (performance.now() - begin < outageMs - 11_000) {
    // Events do not wait for the sink to be received.
    const { unserved } = await system.genesys.summary();
    expect(unserved).toBeLessThan(1_000);
    expect(await system.burnedAttempts()).toEqual([]);
    expect(await system.jobCounts()).toMatchObject({ failed: 0 });
    await sleep(500);
  }
  const during = await system.genesys.summary();
  expect(during.polls).toBeGreaterThan(atBegin.polls + 5);
  expect(during.servedEvents).toBeGreaterThan(atBegin.servedEvents + 500);
  await until('batches wait on the queue', async () => ((await system.jobCounts())['wait'] ?? 0) > 5);

  await elasticsearch.bringUp();
  await system.genesys.changeStream({ rate: 0 });
  await system.drained();
  await system.untilReady();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
  expect(system.indexers.flatMap(({ log }) => log.events('batch.failed'))).toEqual([]);
});
