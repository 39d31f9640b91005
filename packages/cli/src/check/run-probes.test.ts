import { TrunklineError } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
import { clockSkew } from './clock-skew.ts';
import { type Outcome, ok, type Probe, wrong } from './probe.ts';
import { checkText } from './report.ts';
import { runProbes } from './run-probes.ts';

const probe = (name: string, needs: string[], attempt: () => Promise<Outcome>): Probe => ({
  name,
  needs,
  attempt,
});

describe('running probes', () => {
  test('tells what depends on a failed one as not tried after the cause, however far behind it', async () => {
    const results = await runProbes([
      probe('redis', [], async () => wrong('away', 'start it')),
      probe('redis writing', ['redis'], () => Promise.reject(new Error('must not be tried'))),
      probe('queue', ['redis writing'], () => Promise.reject(new Error('must not be tried'))),
      probe('bucket', [], async () => ok('there')),
    ]);
    expect(results).toEqual([
      { name: 'redis', kind: 'wrong', said: 'away', remedy: 'start it' },
      { name: 'redis writing', kind: 'not-tried', after: 'redis' },
      { name: 'queue', kind: 'not-tried', after: 'redis' },
      { name: 'bucket', kind: 'ok', said: 'there' },
    ]);
    expect(checkText(results)).toContain('1 thing is wrong, 2 were not tried.');
  });

  test('parts an error of ours into what is wrong and what to do, and repeats no foreign text', async () => {
    const ours = new TrunklineError('S3_BUCKET_MISSING', { message: 'No bucket.', remedy: 'Make one.' });
    const results = await runProbes([
      probe('ours', [], () => Promise.reject(ours)),
      probe('foreign', [], () => Promise.reject(new TypeError('Ada Lovelace'))),
    ]);
    expect(results[0]).toMatchObject({ kind: 'wrong', said: 'No bucket.', remedy: 'Make one.' });
    expect(JSON.stringify(results[1])).toContain('TypeError');
    expect(JSON.stringify(results)).not.toContain('Ada');
  });
});

test.each([
  [null, 'unused'],
  [1_000_000, 'ok'],
  [1_060_000, 'ok'],
  [1_061_000, 'wrong'],
  [900_000, 'wrong'],
] as const)('a clock that tells %s at 1000000 is %s', (theirs, kind) => {
  expect(clockSkew(theirs, 1_000_000, 'S3').kind).toBe(kind);
});
