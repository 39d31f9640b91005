import { type System, until } from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** Reads the overview as its visitors do. */
async function overviewOf(system: System): Promise<() => Promise<string>> {
  const dashboard = await system.addDashboard({ DASHBOARD_PORT: '0' });
  const { url } = await dashboard.log.waitFor('dashboard.listening');
  return async () => {
    const answer = await fetch(`${String(url)}/`);
    expect(answer.status).toBe(200);
    return answer.text();
  };
}

/** What processes themselves call wrong, as the overview gives it. */
function told(overview: string, service: string): string[] {
  return [...overview.matchAll(/<[^>]*>([^<]*)/g)]
    .map(([, text = '']) => text.trim())
    .filter((text) => text.startsWith(`${service}: `));
}

describe.concurrent('while it is wrong, and no longer, is it told', () => {
  test('that Elasticsearch is away', async () => {
    await using system = await startSystem({ simulator: { backlog: 200 } });
    const overview = await overviewOf(system);
    await system.drained();
    await system.untilReady();
    await until(
      'the overview tells of no trouble',
      async () => told(await overview(), 'indexer').length === 0,
    );

    await system.faults.elasticsearch.refuse();
    // An indexer asks how Elasticsearch is when it has something for it.
    await system.genesys.addEvents(300);
    const [indexer] = system.indexers;
    await indexer?.untilProblem(/elasticsearch/i);
    expect((await indexer?.get('readyz'))?.status).toBe(503);
    await until('the overview names Elasticsearch', async () =>
      told(await overview(), 'indexer').some((text) => /elasticsearch/i.test(text)),
    );

    await system.faults.elasticsearch.heal();
    await system.untilReady();
    await until('the overview is well again', async () => told(await overview(), 'indexer').length === 0);
    await system.drained();
    await expectExactlyOnce(system);
  });

  test('that Genesys asked for a pause', async () => {
    await using system = await startSystem({
      simulator: { backlog: 200 },
      settings: { GENESYS_RATE_PER_SECOND: '50' },
    });
    const overview = await overviewOf(system);
    await system.drained();
    await system.untilReady();

    const [id] = await system.genesys.addFaults({ kind: 'rate-limit', retryAfterSeconds: 5 });
    const [fetcher] = system.fetchers;
    expect(await fetcher?.untilProblem(/genesys/i)).toMatch(/429|limit/i);
    expect((await fetcher?.get('livez'))?.status).toBe(200);
    await until('the overview names Genesys', async () =>
      told(await overview(), 'fetcher').some((text) => /genesys/i.test(text)),
    );

    await system.genesys.clearFaults(id);
    await system.untilReady();
    await until('the overview is well again', async () => told(await overview(), 'fetcher').length === 0);
    await system.genesys.addEvents(100);
    await system.drained();
    await expectExactlyOnce(system);
  });
});
