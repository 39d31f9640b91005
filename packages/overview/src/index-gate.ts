import type { Heartbeat } from '@trunkline/contracts';

/** May Elasticsearch be written to, and does it answer? As the living indexers tell it. */
export interface IndexGate {
  /** Open where every indexer that knows holds it open; `null`: none knows yet. */
  readonly isOpen: boolean | null;
  /** Why it is shut, in a word (`red`, `unreachable`, `write-block` ...); `null` where it is open, or nobody says. */
  readonly reason: string | null;
  /** The worst of the indexers' circuit breakers; `null`: none tells. */
  readonly breaker: 'closed' | 'half-open' | 'open' | null;
}

const worstFirst = ['open', 'half-open', 'closed'] as const;

/** `null` where no indexer is alive. */
export function indexGate(processes: readonly Heartbeat[]): IndexGate | null {
  const indexers = processes.filter(({ service }) => service === 'indexer');
  if (indexers.length === 0) return null;
  const words = indexers.map(({ facts }) => String(facts['gate'] ?? ''));
  const shut = words.find((word) => word.startsWith('shut'));
  return {
    isOpen: shut !== undefined ? false : words.includes('open') ? true : null,
    reason: /^shut \((.+)\)$/.exec(shut ?? '')?.[1] ?? null,
    breaker: worstFirst.find((state) => indexers.some(({ facts }) => facts['breaker'] === state)) ?? null,
  };
}
