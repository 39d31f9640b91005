import { keyIdOf } from '@trunkline/claim-check';
import { DeadLetters, type Elasticsearch } from '@trunkline/elasticsearch-sink';

/** Dead letters that are looked at, whatever their state: each costs a request. */
const mostLookedAt = 1_000;

export interface SealedLetters {
  /** By the id of the key that sealed them. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Whether there are more than were looked at. */
  readonly more: boolean;
}

/** Which keys sealed the bodies of dead letters; none of them is opened. */
export async function sealedLetters(
  es: Elasticsearch,
  place: { readonly deadLetterIndex: string; readonly replicas: number },
  told: (count: number) => void,
): Promise<SealedLetters> {
  const byKey = new Map<string, number>();
  const reader = {
    seal: () => {
      throw new Error('nothing is sealed here');
    },
    open: (sealed: Buffer) => {
      const id = keyIdOf(sealed) ?? 'unknown';
      byKey.set(id, (byKey.get(id) ?? 0) + 1);
      return Buffer.alloc(0);
    },
  };
  const letters = new DeadLetters(es, place, reader);
  let looked = 0;
  for (let after: unknown[] | null = null; ; ) {
    const page = await letters.list({}, after, 100);
    for (const { id } of page.letters) {
      if (looked === mostLookedAt) return { byKey, more: true };
      await letters.get(id);
      looked += 1;
      told(looked);
    }
    if (page.next === null) return { byKey, more: false };
    after = page.next;
  }
}
