import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import { BucketGate, type BucketGateState } from './bucket-gate.ts';
import type { BucketSettings } from './bucket-settings.ts';

const tlsOnly = JSON.stringify({
  Statement: [{ Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
});

function gateOf(answers: Partial<BucketSettings> = {}) {
  const clock = { now: 0 };
  const told: BucketGateState[] = [];
  let asked = 0;
  const settings: BucketSettings = {
    encryption: async () => {
      asked++;
      return 'AES256';
    },
    policyIsPublic: async () => false,
    policy: async () => tlsOnly,
    publicAccessBlock: async () => ({ ignoresPublicAcls: true, blocksEverything: true }),
    aclIsPublic: async () => false,
    ...answers,
  };
  const gate = new BucketGate(settings, {
    bucket: 'archive',
    maxAgeMs: 60_000,
    now: () => clock.now,
    onChange: (state) => told.push(state),
  });
  return { gate, clock, told, asked: () => asked, settings };
}

function failure(code: ErrorCode, message = 'Grant s3:GetEncryptionConfiguration.'): () => Promise<never> {
  return () => Promise.reject(new TrunklineError(code, { message }));
}

describe('the bucket gate', () => {
  test('is open for a bucket in order, without warnings, and asks once a minute', async () => {
    const { gate, clock, asked } = gateOf();
    expect(await gate.check()).toBe(true);
    expect(gate.state).toEqual({ kind: 'open', encryption: 'AES256', warnings: [] });
    clock.now = 59_999;
    await gate.check();
    expect(asked()).toBe(1);
    clock.now = 60_000;
    await gate.check();
    expect(asked()).toBe(2);
  });

  test.each<[string, Partial<BucketSettings>, string]>([
    ['has no default encryption', { encryption: async () => null }, 'unencrypted'],
    ['encrypts in a way that is not known', { encryption: async () => 'rot13' }, 'unencrypted'],
    ['is public by its policy', { policyIsPublic: async () => true }, 'public'],
    [
      'is public by its access list',
      { publicAccessBlock: async () => null, aclIsPublic: async () => true },
      'public',
    ],
    [
      'is public by its policy, where S3 gives no verdict',
      {
        policyIsPublic: async () => 'unknown',
        policy: async () => JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*' } }),
      },
      'public',
    ],
    ['may not be asked for its encryption', { encryption: failure('S3_PERMISSION_MISSING') }, 'permission'],
    [
      'may not be asked for its policy status',
      { policyIsPublic: failure('S3_PERMISSION_MISSING') },
      'permission',
    ],
    [
      'may not be asked for its public access block',
      { publicAccessBlock: failure('S3_PERMISSION_MISSING') },
      'permission',
    ],
    ['is not there', { encryption: failure('S3_BUCKET_MISSING') }, 'missing'],
    ['does not answer', { encryption: failure('S3_UNREACHABLE') }, 'unreachable'],
    ['answers nonsense', { encryption: () => Promise.reject(new SyntaxError('quotes a secret')) }, 'other'],
  ])('is shut while the bucket %s, and opens by itself', async (_, answers, kind) => {
    const { gate, settings, told } = gateOf(answers);
    expect(await gate.check()).toBe(false);
    expect(gate.state).toMatchObject({ kind: 'shut', reason: { kind } });
    expect(JSON.stringify(told)).not.toContain('quotes a secret');
    Object.assign(settings, gateOf().settings);
    expect(await gate.check()).toBe(true);
    expect(told.map((state) => state.kind)).toEqual(['shut', 'open']);
  });

  test.each<[string, Partial<BucketSettings>, RegExp]>([
    ['no policy', { policyIsPublic: async () => null }, /aws:SecureTransport/],
    ['a policy that may not be read', { policy: failure('S3_PERMISSION_MISSING') }, /not known/],
    [
      'a public access block that is partly off',
      { publicAccessBlock: async () => ({ ignoresPublicAcls: true, blocksEverything: false }) },
      /public access block/,
    ],
  ])('is open with a warning for %s', async (_, answers, warning) => {
    const { gate } = gateOf(answers);
    expect(await gate.check()).toBe(true);
    expect(gate.state).toMatchObject({ warnings: [expect.stringMatching(warning)] });
  });

  test('shuts after a failed write for longer each time, up to its age, until one succeeds', async () => {
    const { gate, clock } = gateOf();
    await gate.check();
    const overloaded = new TrunklineError('S3_OVERLOADED', { message: 'S3 answered 503.' });
    for (const holdMs of [1_000, 2_000, 4_000]) {
      expect(gate.failed(overloaded)).toBe(true);
      gate.failed(overloaded); // of the same moment
      clock.now += holdMs - 1;
      expect(await gate.check()).toBe(false);
      clock.now += 1;
      expect(await gate.check()).toBe(true);
    }
    for (let more = 0; more < 10; more++) {
      gate.failed(overloaded);
      clock.now += 60_000;
      expect(await gate.check()).toBe(true);
    }
    gate.succeeded();
    gate.failed(overloaded);
    clock.now += 1_000;
    expect(await gate.check()).toBe(true);
  });

  test('leaves failures that are the object’s own to its job', async () => {
    const { gate } = gateOf();
    await gate.check();
    expect(gate.failed(new TrunklineError('S3_CHECKSUM_MISMATCH', { message: 'differs' }))).toBe(false);
    expect(gate.failed(new Error('unforeseen'))).toBe(false);
    expect(await gate.check()).toBe(true);
  });
});
