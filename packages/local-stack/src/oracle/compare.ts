import { defaultDateBounds, type Elasticsearch, EventReader, refresh } from '@trunkline/elasticsearch-sink';
import type { SimulatorControl } from '@trunkline/simulator';
import { type Contract, type ServedEvent, servedEvents, storedDigest } from './served-events.ts';
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

const mostExamples = 5;

/**
 * Holds the simulator's ledger against Elasticsearch. Nothing is sampled: every event served is looked up, and its
 * content is compared byte for byte; under the platform contract value for value, by the characters it is written with. Successful
 * sign-ins, which the usual filter leaves out, are passed over there: the platform serves them nevertheless.
 * @throws where the simulator or Elasticsearch does not answer
 */
export async function compareWithLedger(
  simulator: SimulatorControl,
  elasticsearch: Elasticsearch,
  names: Names,
  contract: Contract = 'guide',
): Promise<Comparison> {
  const digestOf = (text: string): string => storedDigest(text, contract);
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
  const lost: ServedEvent[] = [];
  for await (const block of servedEvents(simulator, contract)) {
    const events = block.filter(
      (served) =>
        served.event.served > 0 &&
        !(contract === 'platform' && served.event.filtered) &&
        isNew(served, contents),
    );
    result.unique += events.length;
    const ids = [...new Set(events.flatMap(({ event: { id } }) => (id === null ? [] : [id])))];
    const read = ids.length === 0 ? [] : await readCopies(elasticsearch, pattern, ids, digestOf);
    const copies = Map.groupBy(read, ({ id }) => id);
    const isIndexed = ({ event: { id }, digests }: ServedEvent): boolean =>
      id !== null &&
      copies.get(id)?.some(({ digest }) => digest !== null && digests.includes(digest)) === true;
    const notIndexed = events.filter((event) => !isIndexed(event));
    result.indexed += events.length - notIndexed.length;
    const dead = await deadAmong(notIndexed, elasticsearch, names.deadLetterIndex);
    result.deadLettered += dead.size;
    lost.push(...notIndexed.filter((event) => !dead.has(event)));
    for (const [id, found] of copies) {
      const known = contents.get(id);
      if (found.length > 1 || found.some(({ digest }) => digest === null || !known?.has(digest)))
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
    const wrong = found.filter(({ digest }) => digest === null || !known?.has(digest));
    if (wrong.length === 0) continue;
    result.altered += wrong.length;
    altered.add(id);
    note(result.examples.altered, id);
  }
  for (const { event } of lost) {
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

/** The same content under the same id is one event, however often, and in whatever shapes, it is served. */
function isNew({ event: { id }, digests }: ServedEvent, contents: Map<string, Set<string>>): boolean {
  const known = contents.get(id ?? '') ?? new Set();
  contents.set(id ?? '', known);
  const seen = digests.some((digest) => known.has(digest));
  for (const digest of digests) known.add(digest);
  return !seen;
}

/** A dead letter is known by the digest of its event; that of a text that is no event is the text's own. */
async function deadAmong(
  events: readonly ServedEvent[],
  elasticsearch: Elasticsearch,
  deadLetterIndex: string,
): Promise<Set<ServedEvent>> {
  if (events.length === 0) return new Set();
  const reader = new EventReader({ prefix: '', ...defaultDateBounds, routing: 'none' });
  const letters = new Map<ServedEvent, string[]>();
  for (const event of events) {
    const digests = (await event.texts()).map((text) => {
      const read = reader.read(text);
      return read.kind === 'event' ? read.event.digest : read.digest;
    });
    letters.set(event, digests);
  }
  const dead = await readDeadDigests(elasticsearch, deadLetterIndex, [...letters.values()].flat());
  return new Set(events.filter((event) => letters.get(event)?.some((digest) => dead.has(digest))));
}

function note(examples: string[], example: string): void {
  if (examples.length < mostExamples) examples.push(example);
}
