import { setTimeout as sleep } from 'node:timers/promises';
import { countEvents, Elasticsearch } from '@trunkline/elasticsearch-sink';
import { elasticsearchSettings, loadSettings } from '@trunkline/service';
import { SimulatorControl } from '@trunkline/simulator';
import { agrees, type Comparison, compareWithLedger } from '../oracle/compare.ts';

/** Without one more event in the index for so long, what is still missing is taken for lost. */
const patienceMs = 180_000;

interface DrainOptions {
  simulatorUrl: string;
  /** The environment of the processes: it says how Elasticsearch is reached and what its indices are called. */
  settings: Record<string, string>;
  /** Shows where things stand; called about once a second. */
  show: () => Promise<void>;
}

export interface Drained {
  comparison: Comparison;
  /** New documents a second, from the first to the last; `null` where this run indexed none. */
  eventsPerSecond: number | null;
}

/**
 * Waits until every event that the simulator has is served and stands in Elasticsearch (index or dead letters), then
 * compares. Gives up waiting when nothing moves any more: the comparison then says what is missing.
 */
export async function untilDrained(options: DrainOptions): Promise<Drained> {
  const names = loadSettings(elasticsearchSettings, options.settings);
  const simulator = new SimulatorControl(options.simulatorUrl);
  await using elasticsearch = new Elasticsearch(names);
  const count = (): Promise<number | null> =>
    countEvents(elasticsearch, { indexPattern: `${names.indexPrefix}*`, from: null, to: null }).catch(
      () => null,
    );

  const atBegin = await count();
  let first: number | null = null;
  let last = { count: atBegin, at: performance.now() };
  let compared = -1;
  for (;;) {
    await options.show();
    const now = performance.now();
    const indexed = await count();
    if (indexed !== null && indexed !== last.count) {
      first ??= last.at;
      last = { count: indexed, at: now };
    }
    const still = now - last.at;
    const served = await simulator.state().then(
      (state) => state.complete && state.drained,
      () => false,
    );
    // Comparing reads every document back: only when the index has come to rest, and once for each rest.
    if ((served && still > 1_500 && compared !== last.count) || still > patienceMs) {
      compared = last.count ?? -1;
      const comparison = await compareWithLedger(simulator, elasticsearch, names);
      if (comparison.missing === 0 || still > patienceMs) {
        const fresh = (last.count ?? 0) - (atBegin ?? 0);
        const seconds = first === null ? 0 : (last.at - first) / 1_000;
        return { comparison, eventsPerSecond: fresh > 0 && seconds > 0 ? fresh / seconds : null };
      }
    }
    await sleep(1_000);
  }
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
