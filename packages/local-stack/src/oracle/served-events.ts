import { hash } from 'node:crypto';
import type { LedgerEvent, SimulatorControl } from '@trunkline/simulator';
import { expectedDocument } from './platform/expected-document.ts';
import { valuesDigest } from './platform/values-digest.ts';

/** Which HTTP contract the events were served under. */
export type Contract = 'guide' | 'platform';

/** An event of the ledger, and what may be stored of it. */
export interface ServedEvent {
  event: LedgerEvent;
  /** Digests of the texts that may stand for it: one under the guide, one for each shape in which the platform served it. */
  digests: readonly string[];
  /** These texts. */
  texts: () => Promise<readonly string[]>;
}

/** The digest of an event as it is stored: of its bytes, or, where Trunkline arranges its members anew, of its values. */
export function storedDigest(text: string, contract: Contract): string {
  return contract === 'guide' ? hash('sha256', text, 'hex') : valuesDigest(text);
}

const blockSize = 1_000;

/** The ledger in order, in pieces that one search can look up. */
export async function* servedEvents(
  simulator: SimulatorControl,
  contract: Contract,
): AsyncGenerator<ServedEvent[]> {
  for (let after = -1; ; ) {
    const block = await (contract === 'guide'
      ? guideBlock(simulator, after)
      : platformBlock(simulator, after));
    const last = block.at(-1);
    if (last === undefined) return;
    yield block;
    after = last.event.n;
  }
}

async function guideBlock(simulator: SimulatorControl, after: number): Promise<ServedEvent[]> {
  const events = await ledger(simulator, { after, limit: blockSize });
  return events.map((event) => ({
    event,
    digests: [event.sha256],
    texts: async () => {
      const [found] = await ledger(simulator, { after: event.n - 1, limit: 1, source: true });
      if (found?.source === undefined) throw new Error(`The ledger has no position ${event.n} any more.`);
      return [found.source];
    },
  }));
}

async function platformBlock(simulator: SimulatorControl, after: number): Promise<ServedEvent[]> {
  const events = await ledger(simulator, { after, limit: blockSize, shape: 'realtime' });
  if (events.length === 0) return [];
  const shapes = new Set(events.flatMap((event) => event.shapes));
  // Where nothing was served, the usual shape tells what should have been.
  const read = await Promise.all(
    [...shapes.add('realtime')].map(async (shape) => ({
      shape,
      inShape: await ledger(simulator, { after, limit: events.length, shape, source: true }),
    })),
  );
  return events.map((event, at) => {
    const sources = read.flatMap(({ shape, inShape }) =>
      event.shapes.includes(shape) || (event.served === 0 && shape === 'realtime')
        ? (inShape[at]?.source ?? [])
        : [],
    );
    const texts = [...new Set(sources)].map(expectedDocument);
    return { event, digests: texts.map(valuesDigest), texts: async () => texts };
  });
}

async function ledger(
  simulator: SimulatorControl,
  query: Parameters<SimulatorControl['events']>[0],
): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const event of simulator.events(query)) events.push(event);
  return events;
}
