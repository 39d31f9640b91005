import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultInput } from '@trunkline/simulator';
import {
  type Contract,
  type Deployment,
  elasticsearchError,
  type FaultProxy,
  type Faults,
  isBulk,
  itemRejected,
  itemWithoutShard,
  type ProcessKind,
  type System,
  withholdItems,
} from '@trunkline/test-kit';
import type { SeededRandom } from './random.ts';

/** A fault that can strike a running system at any moment, and that no person has to mend. */
export interface ChaosFault<Struck = System> {
  name: string;
  /** Strikes, holds for a while, and ends. */
  strike: (system: Struck, random: SeededRandom) => Promise<void>;
}

/** A system with processes and a network to be broken. */
type AnySystem = Deployment<Faults>;

/** kill -9 of one process of a kind, which is started again a moment later. */
export function killFault(kind: ProcessKind): ChaosFault<AnySystem> {
  return {
    name: `kill -9 of a ${kind}`,
    strike: async (system, random) => {
      const victim = random.pick(system.processesOf(kind));
      await victim.kill();
      await sleep(random.between(0, 1_500));
      // Another fault may have killed and started it meanwhile.
      if (!victim.running) await victim.start();
    },
  };
}

export function freezeFault(kind: ProcessKind): ChaosFault<AnySystem> {
  return {
    name: `SIGSTOP of a ${kind}`,
    strike: async (system, random) => {
      const victim = random.pick(system.processesOf(kind));
      victim.pause();
      await sleep(random.between(500, 5_000));
      victim.resume();
    },
  };
}

function networkFault<To extends string>(
  to: To,
  name: string,
  begin: (proxy: FaultProxy) => void | Promise<void>,
): ChaosFault<{ faults: Record<To, FaultProxy> }> {
  return {
    name: `${to}: ${name}`,
    strike: async (system, random) => {
      await begin(system.faults[to]);
      await sleep(random.between(200, 3_000));
      await system.faults[to].heal();
    },
  };
}

export function genesysFault(fault: FaultInput): ChaosFault<AnySystem> {
  return {
    name: `Genesys: ${fault.kind}`,
    strike: async (system) => {
      await system.genesys.addFaults({ times: 2, ...fault } as FaultInput);
    },
  };
}

function bulkFault(
  name: string,
  then: Parameters<System['faults']['elasticsearchHttp']['intercept']>[1],
): ChaosFault {
  return {
    name: `bulk: ${name}`,
    strike: async (system, random) => {
      system.faults.elasticsearchHttp.intercept(isBulk, then, random.between(1, 4));
    },
  };
}

/** What becomes of the connections to one thing. */
export function networkFaults<To extends string>(to: To): ChaosFault<{ faults: Record<To, FaultProxy> }>[] {
  return [
    networkFault(to, 'connections reset', (proxy) => proxy.resetExisting()),
    networkFault(to, 'refused', (proxy) => proxy.refuse()),
    networkFault(to, 'stalled', (proxy) => proxy.stall()),
    networkFault(to, 'replies stalled', (proxy) => proxy.stall('reply')),
    networkFault(to, 'slow', (proxy) => proxy.slow({ latencyMs: 50, bytesPerSecond: 200_000 })),
    networkFault(to, 'cut in the middle', (proxy) => proxy.cutAfter(2_000, { times: 3 })),
  ];
}

/** A reply that is lost, or stalls, is given up soon, so that a round of it takes seconds. */
export const impatient: Record<string, string> = {
  ELASTICSEARCH_TIMEOUT_SECONDS: '5',
  GENESYS_TIMEOUT_SECONDS: '3',
};

/** Faults of processes, connections and the cluster, whatever is spoken with Genesys. */
const sharedFaults: ChaosFault[] = [
  killFault('fetcher'),
  killFault('indexer'),
  freezeFault('fetcher'),
  freezeFault('indexer'),
  ...networkFaults('redis'),
  ...networkFaults('elasticsearch'),
  ...networkFaults('genesys'),
  bulkFault('429', {
    kind: 'answer',
    status: 429,
    body: elasticsearchError(429, 'es_rejected_execution_exception', 'full'),
  }),
  bulkFault('503', { kind: 'answer', status: 503, body: elasticsearchError(503, 'unavailable', 'away') }),
  bulkFault('items rejected', withholdItems(3, itemRejected)),
  bulkFault('a shard away', withholdItems(2, itemWithoutShard)),
  bulkFault('reply cut', { kind: 'cut-reply', afterBytes: 200 }),
  bulkFault('reply lost', { kind: 'lose-reply' }),
];

/** Every fault of which two may strike at a time, by what is spoken with Genesys. */
export const chaosFaults: Record<Contract, ChaosFault[]> = {
  guide: [
    ...sharedFaults,
    genesysFault({ kind: 'rate-limit', retryAfterSeconds: 1 }),
    genesysFault({ kind: 'status', status: 503 }),
    genesysFault({ kind: 'unauthorized' }),
    genesysFault({ kind: 'expired-cursor', times: 1 }),
    genesysFault({ kind: 'null-cursor' }),
    genesysFault({ kind: 'page-grew' }),
    genesysFault({ kind: 'duplicates-across-pages' }),
    genesysFault({ kind: 'repeated-cursor' }),
    genesysFault({ kind: 'reset-mid-body' }),
    genesysFault({ kind: 'truncate' }),
  ],
  platform: [
    ...sharedFaults,
    genesysFault({ kind: 'rate-limit', match: 'audits', retryAfterSeconds: 1, form: 'bracket' }),
    genesysFault({ kind: 'status', match: 'audits', status: 503 }),
    genesysFault({ kind: 'unauthorized', match: 'audits' }),
    genesysFault({ kind: 'held-back', rows: 30, youngerSeconds: 30 }),
    genesysFault({ kind: 'query-busy' }),
    genesysFault({ kind: 'query-failed' }),
    genesysFault({ kind: 'query-lost', match: 'audits-results' }),
    genesysFault({ kind: 'cursor-refused' }),
    genesysFault({ kind: 'link-expired', match: 'audits-download' }),
    genesysFault({ kind: 'reset-mid-body', match: 'audits' }),
    genesysFault({ kind: 'truncate', match: 'audits' }),
  ],
};
