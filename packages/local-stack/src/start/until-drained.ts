import { setTimeout as sleep } from 'node:timers/promises';
import { countEvents, Elasticsearch } from '@trunkline/elasticsearch-sink';
import { elasticsearchSettings, loadSettings } from '@trunkline/service';
import { SimulatorControl } from '@trunkline/simulator';
import { agrees, type Comparison, compareWithLedger } from '../oracle/compare.ts';
import type { Contract } from '../oracle/served-events.ts';

/** Without one more event in the index for so long, what is still missing is taken for lost. */
const patienceMs = 180_000;
/** An index that has not grown for so long has come to rest. */
const restMs = 1_500;
/** A shorter time says nothing about speed. */
const shortestMs = 1_000;

interface DrainOptions {
  simulatorUrl: string;
  contract: Contract;
  /** The environment of the processes: it says how Elasticsearch is reached and what its indices are called. */
  settings: Record<string, string>;
  /** When this run began, ms since 1970: what was indexed before does not count for its speed. */
  since: number;
  /** Shows where things stand; called about once a second. */
  show: () => Promise<void>;
}

export interface Drained {
  comparison: Comparison;
  /** New documents a second, from the first to the last; `null` where this run indexed too few to tell. */
  eventsPerSecond: number | null;
}

/**
 * Waits until every event that the simulator has is served and stands in Elasticsearch (index or dead letters), then
 * compares. Gives up waiting when nothing moves any more: the comparison then says what is missing.
 */
export async function untilDrained(options: DrainOptions): Promise<Drained> {
  const names = loadSettings(elasticsearchSettings, options.settings);
  const indexPattern = `${names.indexPrefix}*`;
  const simulator = new SimulatorControl(options.simulatorUrl);
  await using elasticsearch = new Elasticsearch(names);
  let indexed: number | null = null;
  let movedAt = performance.now();
  let compared: number | null = null;
  for (;;) {
    await options.show();
    const now = performance.now();
    const count = await countEvents(elasticsearch, { indexPattern, from: null, to: null }).catch(() => null);
    if (count !== null && count !== indexed) {
      indexed = count;
      movedAt = now;
    }
    const stillMs = now - movedAt;
    const served = await everythingServed(simulator, options.contract).catch(() => false);
    // Comparing reads every document back: only when the index has come to rest, and once for each rest.
    if ((served && stillMs > restMs && compared !== indexed) || stillMs > patienceMs) {
      compared = indexed;
      const comparison = await compareWithLedger(simulator, elasticsearch, names, options.contract);
      if (comparison.missing === 0 || stillMs > patienceMs) {
        return { comparison, eventsPerSecond: await speed(elasticsearch, indexPattern, options.since) };
      }
    }
    await sleep(1_000);
  }
}

/** Whether the simulator has no more events than it has served. The guide's stream tells its end; windows of the platform have none. */
async function everythingServed(simulator: SimulatorControl, contract: Contract): Promise<boolean> {
  const { complete, drained } = await simulator.state();
  if (!complete) return false;
  return contract === 'guide' ? drained : (await simulator.summary()).unserved === 0;
}

/** Documents indexed since `since`, a second, from the first to the last of them. */
async function speed(
  elasticsearch: Elasticsearch,
  indexPattern: string,
  since: number,
): Promise<number | null> {
  const { body } = await elasticsearch.ask({
    method: 'POST',
    path: `/${indexPattern}/_search`,
    query: { ignore_unavailable: true },
    body: {
      size: 0,
      track_total_hits: true,
      query: { range: { ingestedAt: { gte: since } } },
      aggs: { first: { min: { field: 'ingestedAt' } }, last: { max: { field: 'ingestedAt' } } },
    },
    what: 'for the speed of indexing',
  });
  const { hits, aggregations } = body as {
    hits: { total: { value: number } };
    aggregations?: { first: { value: number | null }; last: { value: number | null } };
  };
  const first = aggregations?.first.value ?? null;
  const last = aggregations?.last.value ?? null;
  return first === null || last === null || last - first < shortestMs
    ? null
    : hits.total.value / ((last - first) / 1_000);
}

/** Pure: the summary for a person. */
export function drainedSummary({ comparison, eventsPerSecond }: Drained): string {
  const row = (name: string, value: number | string): string =>
    `  ${name.padEnd(14)}${(typeof value === 'number' ? value.toLocaleString('en-US') : value).padStart(10)}`;
  const { examples } = comparison;
  const kinds = ['missing', 'twice', 'altered'] as const;
  return [
    "The simulator's ledger against Elasticsearch",
    row('served', comparison.served),
    row('unique', comparison.unique),
    row('indexed', comparison.indexed),
    row('dead-lettered', comparison.deadLettered),
    ...kinds.map((kind) => row(kind, comparison[kind])),
    row('events/s', eventsPerSecond === null ? '-' : Math.round(eventsPerSecond)),
    ...kinds
      .filter((kind) => examples[kind].length > 0)
      .map((kind) => `  ${kind}, for example: ${examples[kind].join(', ')}`),
    agrees(comparison) ? 'They agree.' : 'They do NOT agree.',
  ].join('\n');
}
