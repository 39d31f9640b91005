import { hash } from 'node:crypto';
import { defaultDateBounds, type Elasticsearch, EventReader, refresh } from '@trunkline/elasticsearch-sink';
import type { LedgerEvent, SimulatorControl } from '@trunkline/simulator';
import { readCopies, readDeadDigests, type StoredCopy } from './stored-events.ts';

/** What the simulator served against what Elasticsearch holds. */
export interface Comparison {
  /** Deliveries, repeated ones included. */
  served: number;
  /** Distinct events served: by id and content. */
  unique: number;
  /** Of these, those that stand in the index with their content. */
  indexed: number;
  /** Of these, those that stand in the dead-letter index with their content. */
  deadLettered: number;
  /** Events that stand nowhere. */
  missing: number;
  /** Ids that more than one document has. */
  twice: number;
  /** Documents whose content no served event with that id has. */
  altered: number;
  /** A few ids of each kind of fault, for whoever looks into it. */
  examples: { missing: string[]; twice: string[]; altered: string[] };
}

export interface Names {
  /** Start of the daily indices, e.g. `genesys-audit-`. */
  indexPrefix: string;
  deadLetterIndex: string;
}

const blockSize = 1_000;
const mostExamples = 5;

/**
 * Holds the simulator's ledger against Elasticsearch. Nothing is sampled: every event served is looked up, and its
 * content is compared byte for byte.
 * @throws where the simulator or Elasticsearch does not answer
 */
export async function compareWithLedger(
  simulator: SimulatorControl,
  elasticsearch: Elasticsearch,
  names: Names,
): Promise<Comparison> {
  const pattern = `${names.indexPrefix}*`;
  await refresh(elasticsearch, pattern);
  await refresh(elasticsearch, names.deadLetterIndex);
  const result: Comparison = {
    served: (await simulator.summary()).served,
    unique: 0,
    indexed: 0,
    deadLettered: 0,
    missing: 0,
    twice: 0,
    altered: 0,
    examples: { missing: [], twice: [], altered: [] },
  };
  // An id may come again in a later block, with another body: faults are judged when every served content is known.
  const contents = new Map<string, Set<string>>();
  const odd = new Map<string, StoredCopy[]>();
  const lost: LedgerEvent[] = [];
  for await (const block of blocks(simulator)) {
    const events = block.filter((event) => event.served > 0 && isNew(event, contents));
    result.unique += events.length;
    const ids = [...new Set(events.flatMap(({ id }) => (id === null ? [] : [id])))];
    const read = ids.length === 0 ? [] : await readCopies(elasticsearch, pattern, ids);
    const copies = Map.groupBy(read, ({ id }) => id);
    const isIndexed = ({ id, sha256 }: LedgerEvent): boolean =>
      id !== null && copies.get(id)?.some((copy) => copy.sha256 === sha256) === true;
    const notIndexed = events.filter((event) => !isIndexed(event));
    result.indexed += events.length - notIndexed.length;
    const dead = await deadAmong(notIndexed, simulator, elasticsearch, names.deadLetterIndex);
    result.deadLettered += dead.size;
    lost.push(...notIndexed.filter((event) => !dead.has(event)));
    for (const [id, found] of copies) {
      const known = contents.get(id);
      if (found.length > 1 || found.some(({ sha256 }) => sha256 === null || !known?.has(sha256)))
        odd.set(id, found);
    }
  }
  const altered = new Set<string>();
  for (const [id, found] of odd) {
    if (found.length > 1) {
      result.twice += 1;
      note(result.examples.twice, id);
    }
    const known = contents.get(id);
    const wrong = found.filter(({ sha256 }) => sha256 === null || !known?.has(sha256));
    if (wrong.length === 0) continue;
    result.altered += wrong.length;
    altered.add(id);
    note(result.examples.altered, id);
  }
  for (const event of lost) {
    if (event.id !== null && altered.has(event.id)) continue;
    result.missing += 1;
    note(result.examples.missing, event.id ?? `position ${event.n}`);
  }
  return result;
}

/** Whether the ledger and Elasticsearch agree. */
export function agrees({ missing, twice, altered }: Comparison): boolean {
  return missing === 0 && twice === 0 && altered === 0;
}

/** The same bytes under the same id are one event, however often they are served. */
function isNew({ id, sha256 }: LedgerEvent, contents: Map<string, Set<string>>): boolean {
  const key = id ?? '';
  const known = contents.get(key);
  if (known?.has(sha256)) return false;
  if (known === undefined) contents.set(key, new Set([sha256]));
  else known.add(sha256);
  return true;
}

/** A dead letter is known by the digest of its event; that of a text that is no event is the text's own. */
async function deadAmong(
  events: readonly LedgerEvent[],
  simulator: SimulatorControl,
  elasticsearch: Elasticsearch,
  deadLetterIndex: string,
): Promise<Set<LedgerEvent>> {
  if (events.length === 0) return new Set();
  const reader = new EventReader({ prefix: '', ...defaultDateBounds, routing: 'none' });
  const digests = new Map<LedgerEvent, string>();
  for (const event of events) {
    const text = await sourceOf(event.n, simulator);
    const read = reader.read(text);
    digests.set(event, read.kind === 'event' ? read.event.digest : hash('sha256', text, 'hex'));
  }
  const dead = await readDeadDigests(elasticsearch, deadLetterIndex, [...digests.values()]);
  return new Set(events.filter((event) => dead.has(digests.get(event) ?? '')));
}

/** The ledger in order, in pieces that one search can look up. */
async function* blocks(simulator: SimulatorControl): AsyncGenerator<LedgerEvent[]> {
  for (let after = -1; ; ) {
    const block: LedgerEvent[] = [];
    for await (const event of simulator.events({ after, limit: blockSize })) block.push(event);
    const last = block.at(-1);
    if (last === undefined) return;
    yield block;
    after = last.n;
  }
}

async function sourceOf(n: number, simulator: SimulatorControl): Promise<string> {
  for await (const event of simulator.events({ after: n - 1, limit: 1, source: true }))
    return event.source ?? '';
  throw new Error(`The ledger has no position ${n} any more.`);
}

function note(examples: string[], example: string): void {
  if (examples.length < mostExamples) examples.push(example);
}
