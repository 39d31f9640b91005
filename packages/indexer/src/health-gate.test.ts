import { TrunklineError } from '@trunkline/contracts';
import type { ClusterHealth, WriteBlock } from '@trunkline/elasticsearch-sink';
import { beforeEach, describe, expect, test } from 'vitest';
import { describeReason, type GateState, HealthGate, type ShutReason } from './health-gate.ts';

let now: number;
let asked: number;
let health: ClusterHealth | Error;
let blocks: WriteBlock[] | Error;
let changes: GateState[];

function gate(required: 'green' | 'yellow' = 'green'): HealthGate {
  return new HealthGate(
    {
      health: async () => {
        asked++;
        if (health instanceof Error) throw health;
        return health;
      },
      writeBlocks: async () => {
        if (blocks instanceof Error) throw blocks;
        return blocks;
      },
    },
    { required, maxAgeMs: 1_000, probeMs: 300_000, now: () => now, onChange: (state) => changes.push(state) },
  );
}

function reasonOf(state: GateState): ShutReason | null {
  return state.kind === 'shut' ? state.reason : null;
}

beforeEach(() => {
  now = 1_000_000;
  asked = 0;
  health = { status: 'green', unassignedShards: 0 };
  blocks = [];
  changes = [];
});

describe('the gate', () => {
  test('asks once for all who ask at the same time, and not again before the answer is too old', async () => {
    const subject = gate();
    expect(await Promise.all([subject.check(), subject.check(), subject.check()])).toEqual([
      true,
      true,
      true,
    ]);
    now += 999;
    expect(await subject.check()).toBe(true);
    expect(asked).toBe(1);
    now += 1;
    expect(await subject.check()).toBe(true);
    expect(asked).toBe(2);
    expect(changes.map(({ kind }) => kind)).toEqual(['open']);
  });

  test.each<[ClusterHealth['status'], 'green' | 'yellow', boolean]>([
    ['green', 'green', true],
    ['yellow', 'green', false],
    ['red', 'green', false],
    ['green', 'yellow', true],
    ['yellow', 'yellow', true],
    ['red', 'yellow', false],
  ])('on %s, where %s is asked for, lets writes pass: %s', async (status, required, open) => {
    health = { status, unassignedShards: null };
    expect(await gate(required).check()).toBe(open);
  });

  test('shuts when the cluster is away, and opens by itself when it is back', async () => {
    const subject = gate();
    health = new TrunklineError('ELASTICSEARCH_UNREACHABLE', { message: 'away' });
    expect(await subject.check()).toBe(false);
    health = { status: 'green', unassignedShards: 0 };
    expect(await subject.check()).toBe(false);
    now += 1_000;
    expect(await subject.check()).toBe(true);
    expect(changes.map(({ kind }) => kind)).toEqual(['shut', 'open']);
  });

  test('stays shut while a block stands on any index where a write was refused', async () => {
    const subject = gate();
    subject.block('12', 'a');
    subject.block('12', 'b');
    now += 1_000;
    blocks = [{ index: 'b', blockId: '8' }];
    expect(await subject.check()).toBe(false);
    expect(reasonOf(subject.state)).toEqual({ kind: 'write-block', blockId: '8', indices: ['a', 'b'] });
    now += 1_000;
    blocks = [{ index: 'another', blockId: '12' }];
    expect(await subject.check()).toBe(true);
  });

  test('stays shut while a block stands on the whole cluster', async () => {
    const subject = gate();
    subject.block('6', null);
    now += 1_000;
    blocks = [{ index: null, blockId: '6' }];
    expect(await subject.check()).toBe(false);
    now += 1_000;
    blocks = [];
    expect(await subject.check()).toBe(true);
  });

  test('tries again only after a while where nothing but a write tells', async () => {
    const subject = gate();
    subject.refuse(new TrunklineError('ELASTICSEARCH_PERMISSION_MISSING', { message: 'may not' }));
    now += 299_999;
    expect(await subject.check()).toBe(false);
    expect(asked).toBe(0);
    now += 1;
    expect(await subject.check()).toBe(true);
    subject.flood(5);
    now += 299_999;
    expect(await subject.check()).toBe(false);
    now += 1;
    expect(await subject.check()).toBe(true);
  });

  test('asks nothing before the set-up is done', async () => {
    const subject = gate();
    subject.shut({ kind: 'setup', message: 'not yet' });
    now += 1_000_000;
    expect(await subject.check()).toBe(false);
    expect(asked).toBe(0);
    subject.reset();
    expect(await subject.check()).toBe(true);
  });

  test('believes a write that was refused more than an answer that was under way', async () => {
    const subject = gate();
    const checking = subject.check();
    subject.block('12', 'a');
    expect(await checking).toBe(false);
    expect(reasonOf(subject.state)?.kind).toBe('write-block');
  });

  test('tells each change once, and since when it is shut', async () => {
    const subject = gate();
    health = { status: 'red', unassignedShards: 1 };
    await subject.check();
    now += 1_000;
    await subject.check();
    now += 1_000;
    health = { status: 'yellow', unassignedShards: 1 };
    await subject.check();
    expect(changes.map((state) => reasonOf(state))).toEqual([
      { kind: 'health', status: 'red', required: 'green' },
      { kind: 'health', status: 'yellow', required: 'green' },
    ]);
    expect(subject.state).toMatchObject({ since: 1_000_000 });
  });
});

test.each<[ShutReason, string]>([
  [{ kind: 'health', status: 'yellow', required: 'green' }, 'ES_REQUIRED_HEALTH=yellow'],
  [{ kind: 'write-block', blockId: '12', indices: ['a'] }, 'make room'],
  [{ kind: 'write-block', blockId: '8', indices: [] }, 'whole cluster'],
  [{ kind: 'flood', batches: 5, trialAt: 0 }, '5 batches in a row'],
])('the sentence for %j says what to do', (reason, words) => {
  expect(describeReason(reason)).toContain(words);
});
