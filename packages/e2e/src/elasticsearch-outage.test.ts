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

/** Events that have to be received while it is away: a quarter of a minute's worth, as long as a slow machine takes. */
const eventsDuringOutage = 1_500;

test('Elasticsearch stopped under load fails no job and burns no attempt, and the polls go on meanwhile', async () => {
  await using system = await startSystem({
    elasticsearchUrl: elasticsearch.url,
    indexers: 2,
    simulator: { backlog: 1_000, rate: 100 },
  });
  await system.untilIndexed(500);
  await elasticsearch.takeDown('SIGKILL');
  const atBegin = await system.genesys.summary();
  for (const indexer of system.indexers) {
    await indexer.untilProblem(/elasticsearch/i);
    expect((await indexer.get('livez')).status).toBe(200);
  }
  // Events do not wait for the sink to be received.
  const burned: unknown[] = [];
  await until(
    `${eventsDuringOutage} events are received meanwhile`,
    async () => {
      burned.push(...(await system.burnedAttempts()));
      return (await system.genesys.summary()).servedEvents >= atBegin.servedEvents + eventsDuringOutage;
    },
    { everyMs: 500, told: () => system.told() },
  );
  expect(burned).toEqual([]);
  expect(await system.jobCounts()).toMatchObject({ failed: 0 });
  await until('batches wait on the queue', async () => ((await system.jobCounts())['wait'] ?? 0) > 5);

  await elasticsearch.bringUp();
  await system.genesys.changeStream({ rate: 0 });
  await system.drained();
  await system.untilReady();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
  expect(system.indexers.flatMap(({ log }) => log.events('batch.failed'))).toEqual([]);
});
