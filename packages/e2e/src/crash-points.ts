import { isBulk, type System, until } from '@trunkline/test-kit';

/** A moment in the work at which a process is killed. */
interface CrashPoint {
  process: 'fetcher' | 'indexer';
  /** As it stands in the name of the test. */
  when: string;
  /** Holds the process there: between the step that is done and the one that is not. */
  reach: (system: System) => { reached: Promise<void>; release: () => void };
  /** An event that becomes a dead letter is part of the batch. */
  odd: boolean;
}

/** Two keys of a script's call, one after the other, as they stand in Redis' protocol. */
function keysInTurn(system: System, first: 'state' | 'epoch', second: 'inFlight'): string {
  const keys = system.streamKeys;
  return `${keys[first]}\r\n$${Buffer.byteLength(keys[second])}\r\n${keys[second]}\r\n`;
}

function heldAtRedis(pattern: (system: System) => string, direction: 'request' | 'reply' = 'request') {
  return (system: System) => system.faults.redis.holdAt(pattern(system), direction);
}

const beforeSettle = heldAtRedis((system) => keysInTurn(system, 'state', 'inFlight'));

/** Between every two steps of rule 1 of the protocol. */
export const crashPoints: CrashPoint[] = [
  {
    process: 'fetcher',
    when: 'after the response',
    reach: heldAtRedis((system) => `${system.pipelinePrefix}:payload:default-`),
    odd: false,
  },
  { process: 'fetcher', when: 'after the payload', reach: heldAtRedis(() => '"payloadKey"'), odd: false },
  {
    process: 'fetcher',
    when: 'after the job is added',
    reach: heldAtRedis((system) => keysInTurn(system, 'epoch', 'inFlight')),
    odd: false,
  },
  { process: 'fetcher', when: 'after accept', reach: heldAtRedis(() => 'accepted', 'reply'), odd: false },
  {
    process: 'indexer',
    when: 'before the bulk',
    reach: (system) => system.faults.elasticsearch.holdAt('POST /_bulk'),
    odd: false,
  },
  {
    process: 'indexer',
    when: 'during the bulk',
    reach: (system) => {
      const lost = system.faults.elasticsearchHttp.intercept(isBulk, { kind: 'lose-reply' });
      return {
        reached: until('a bulk is under way', () => lost.struck > 0).then(() => {}),
        release: () => lost.stop(),
      };
    },
    odd: false,
  },
  { process: 'indexer', when: 'after the bulk', reach: beforeSettle, odd: false },
  { process: 'indexer', when: 'after the dead letter', reach: beforeSettle, odd: true },
  { process: 'indexer', when: 'after settle', reach: heldAtRedis(() => 'settled', 'reply'), odd: false },
];
