import { setTimeout as sleep } from 'node:timers/promises';
import { type TrunklineProcess, until } from '@trunkline/test-kit';
import type { ChaosFault } from './faults.ts';

/** Leases, locks and waits as in production: the faults below outlast them by their real length. */
export const longFaultSettings: Record<string, string> = {
  LEASE_TTL_SECONDS: '15',
  LEASE_RENEW_SECONDS: '5',
  RECOVERY_AUDIT_SECONDS: '60',
  WORKER_LOCK_SECONDS: '30',
  WORKER_STALLED_INTERVAL_SECONDS: '15',
  BREAKER_HALF_OPEN_SECONDS: '30',
  ELASTICSEARCH_TIMEOUT_SECONDS: '30',
  GENESYS_TIMEOUT_SECONDS: '30',
};

/** Faults in their real length, minutes each: for the long runs alone. */
export const longFaults: ChaosFault[] = [
  {
    name: 'SIGSTOP of the polling fetcher for a minute',
    strike: async (system) => {
      let holder: TrunklineProcess | undefined;
      await until('a fetcher holds the lease', async () => {
        const { leaseHolder } = await system.snapshot();
        holder = system.fetchers.find(({ pid }) => leaseHolder?.includes(`-${pid}-`));
        return holder !== undefined;
      });
      holder?.pause();
      await sleep(60_000);
      holder?.resume();
    },
  },
  {
    name: 'SIGSTOP of an indexer for a minute',
    strike: async (system, random) => {
      const victim = random.pick(system.indexers);
      victim.pause();
      await sleep(60_000);
      victim.resume();
    },
  },
  {
    name: 'Redis away for 3 minutes',
    strike: async (system) => {
      await system.faults.redis.refuse();
      await sleep(180_000);
      await system.faults.redis.heal();
    },
  },
];
