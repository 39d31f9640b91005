import type { FaultInput } from '@trunkline/simulator';
import {
  askElasticsearch,
  elasticsearchError,
  isBulk,
  itemRefused,
  type System,
  until,
  withholdItems,
} from '@trunkline/test-kit';
import { describe, expect, test } from 'vitest';
import { Overview } from './overview.ts';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** What goes wrong, and how it ends. `tells`: the words of `/readyz`, and of the dashboard's overview. */
interface Trouble {
  name: string;
  begin: (system: System) => Promise<void>;
  end: (system: System) => Promise<void>;
  tells: RegExp;
}

async function ask(system: System, method: string, path: string, body?: object): Promise<void> {
  const { status, text } = await askElasticsearch(system.elasticsearchUrl, method, `/${path}`, body);
  if (status >= 300) throw new Error(`${method} ${path}: ${status}: ${text}`);
}

function setBlock(system: System, block: string, on: true | null): Promise<void> {
  return ask(system, 'PUT', `${system.names.indexPrefix}*/_settings`, { [`index.blocks.${block}`]: on });
}

/** What an operator, a network or a cluster does to the sink. Batches wait meanwhile. */
const troublesOfElasticsearch: Trouble[] = [
  {
    name: 'away',
    begin: (system) => system.faults.elasticsearch.refuse(),
    end: (system) => system.faults.elasticsearch.heal(),
    tells: /Elasticsearch/,
  },
  {
    name: 'a flood-stage block',
    begin: (system) => setBlock(system, 'read_only_allow_delete', true),
    end: (system) => setBlock(system, 'read_only_allow_delete', null),
    tells: /no writes into .*block/,
  },
  {
    name: 'a write block',
    begin: (system) => setBlock(system, 'write', true),
    end: (system) => setBlock(system, 'write', null),
    tells: /no writes into .*block/,
  },
  {
    name: 'yellow health',
    begin: (system) =>
      ask(system, 'PUT', `${system.names.indexPrefix}2001.01.01`, {
        settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 1 },
      }),
    end: (system) =>
      ask(system, 'PUT', `${system.names.indexPrefix}2001.01.01/_settings`, {
        'index.number_of_replicas': 0,
      }),
    tells: /is yellow, and indexing waits for green/,
  },
  {
    name: 'red health',
    begin: (system) =>
      ask(system, 'PUT', `${system.names.indexPrefix}2001.01.02?wait_for_active_shards=0&timeout=1s`, {
        settings: {
          'index.number_of_shards': 1,
          'index.number_of_replicas': 0,
          'index.routing.allocation.require.nowhere': 'yes',
        },
      }),
    end: (system) => ask(system, 'DELETE', `${system.names.indexPrefix}2001.01.02`),
    tells: /is red, and indexing waits for green/,
  },
  {
    name: 'an open breaker: well by its own account, and no bulk request succeeds',
    begin: async (system) => {
      const body = elasticsearchError(503, 'unavailable', 'away');
      system.faults.elasticsearchHttp.intercept(isBulk, { kind: 'answer', status: 503, body });
    },
    end: async (system) => system.faults.elasticsearchHttp.heal(),
    tells: /Bulk requests failed one after another/,
  },
  {
    name: 'a key that was revoked',
    begin: async (system) => {
      const body = elasticsearchError(403, 'security_exception', 'unauthorized for API key');
      system.faults.elasticsearchHttp.intercept(isBulk, { kind: 'answer', status: 403, body });
    },
    end: async (system) => system.faults.elasticsearchHttp.heal(),
    tells: /permission|privilege/i,
  },
];

/** Until it is cleared. */
function genesysFault(name: string, fault: FaultInput, tells: RegExp): Trouble {
  return {
    name,
    begin: async (system) => {
      if (fault.kind === 'invalid-client') await system.genesys.revokeTokens();
      await system.genesys.addFaults(fault);
    },
    end: (system) => system.genesys.clearFaults(),
    tells,
  };
}

/** What Genesys does to those who ask it. */
const troublesOfGenesys: Trouble[] = [
  genesysFault(
    'a pause',
    { kind: 'rate-limit', retryAfterSeconds: 5 },
    /429.*next attempt is made at \d{4}-/,
  ),
  genesysFault('an outage', { kind: 'status', status: 503 }, /503.*next attempt is made at \d{4}-/),
  {
    name: 'no way to it',
    begin: (system) => system.faults.genesys.refuse(),
    end: (system) => system.faults.genesys.heal(),
    tells: /Genesys.*next attempt is made at \d{4}-/,
  },
  genesysFault('tokens that it takes no more', { kind: 'unauthorized' }, /401.*OAuth client/),
  genesysFault('credentials that it takes no more', { kind: 'invalid-client' }, /OAuth|client credentials/i),
  {
    name: 'a permission that was taken away',
    begin: (system) => system.genesys.setMissingPermissions('AuditLogs:View'),
    end: (system) => system.genesys.setMissingPermissions(),
    tells: /403.*AuditLogs:View/i,
  },
];

describe.concurrent('while it is wrong, and no longer, readyz and the dashboard tell', () => {
  test('what is wrong with Elasticsearch, and no job pays for it', async () => {
    await using system = await startSystem({
      simulator: { backlog: 200 },
      settings: { GENESYS_RATE_PER_SECOND: '0' },
    });
    const overview = await Overview.open(system);
    const [indexer] = system.indexers;
    if (indexer === undefined) throw new Error('No indexer runs.');
    for (const { begin, end, tells } of troublesOfElasticsearch) {
      await system.drained();
      await system.untilReady();
      await overview.untilWell('indexer');
      await begin(system);
      await system.genesys.addEvents(500);
      await indexer.untilProblem(tells);
      expect((await indexer.get('readyz')).status).toBe(503);
      expect((await indexer.get('livez')).status).toBe(200);
      await overview.untilItSays(new RegExp(`^indexer: .*${tells.source}`, tells.flags));
      await until('the batches wait', async () => ((await system.jobCounts())['wait'] ?? 0) >= 5);
      expect(await system.burnedAttempts()).toEqual([]);
      await end(system);
    }
    await system.drained();
    await system.untilReady();
    await overview.untilWell('indexer');
    expect(await system.burnedAttempts()).toEqual([]);
    expect(indexer.log.events('batch.failed')).toEqual([]);
    await expectExactlyOnce(system);
  });

  test('what is wrong with Genesys, and the queue is drained meanwhile', async () => {
    await using system = await startSystem({
      simulator: { backlog: 200 },
      settings: { GENESYS_RATE_PER_SECOND: '50' },
    });
    const overview = await Overview.open(system);
    const [fetcher] = system.fetchers;
    if (fetcher === undefined) throw new Error('No fetcher runs.');
    for (const { begin, end, tells } of troublesOfGenesys) {
      await system.drained();
      await system.untilReady();
      await overview.untilWell('fetcher');
      await begin(system);
      await fetcher.untilProblem(tells);
      expect((await fetcher.get('readyz')).status).toBe(503);
      expect((await fetcher.get('livez')).status).toBe(200);
      await overview.untilItSays(new RegExp(`^fetcher: .*${tells.source}`, tells.flags));
      await system.genesys.addEvents(100);
      await end(system);
    }
    await system.drained();
    await system.untilReady();

    // A lost cursor mends itself; what may be missing is a person's matter from then on.
    await system.genesys.expireCursors();
    await system.genesys.addEvents(100);
    await fetcher.log.waitFor('gap.recorded', ({ reason }) => reason === 'cursor-expired');
    await until('the overview counts the gap record', async () => {
      const texts = await overview.texts();
      const place = texts.findIndex((text) => text.startsWith('gap records:'));
      return Number(texts[place - 1]) >= 2;
    });
    expect(await fetcher.metric('trunkline_audit_gap_records_total', { reason: 'cursor-expired' })).toBe(1);
    await system.drained();
    await overview.untilWell('fetcher');
    await expectExactlyOnce(system);
  });

  test('dead letters, and a cluster that refuses everything before the stream is dead-lettered away', async () => {
    await using system = await startSystem({
      simulator: { backlog: 200 },
      settings: { GENESYS_RATE_PER_SECOND: '0' },
    });
    const overview = await Overview.open(system);
    await system.drained();
    await system.genesys.addOdd({ kind: 'wrong-shape' });
    await overview.untilItSays(/^1 dead letter waits for a person/);
    await system.drained();

    const refusal = system.faults.elasticsearchHttp.intercept(isBulk, withholdItems(1, itemRefused));
    await system.genesys.addEvents(2_000);
    await system.indexers[0]?.untilProblem(/refused every event of \d+ batches in a row/);
    await overview.untilItSays(/^indexer: .*refused every event of \d+ batches in a row/);
    refusal.stop();
    await system.untilReady();
    await system.drained();
    await overview.untilWell('indexer');
    const letters = (await system.deadLetters()).length;
    // A few batches are what it takes to notice.
    expect(letters).toBeLessThan(500);
    await overview.untilItSays(new RegExp(`^${letters} dead letters? waits? for a person`));
    await expectExactlyOnce(system, { deadLettered: letters });
  });
});
