import type { FaultInput } from '@trunkline/simulator';
import { until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

const realtime = { match: 'audits-realtime' } as const;
const query = { match: 'audits-query' } as const;
const results = { match: 'audits-results' } as const;
const download = { match: 'audits-download' } as const;

const faults: FaultInput[] = [
  { kind: 'rate-limit', times: 1, ...realtime },
  { kind: 'rate-limit', times: 1, retryAfterSeconds: 1, ...realtime },
  { kind: 'rate-limit', times: 1, retryAfterSeconds: 1, form: 'date', ...results },
  { kind: 'rate-limit', times: 1, retryAfterSeconds: 1, form: 'bracket', ...realtime },
  { kind: 'rate-limit', times: 1, retryAfterSeconds: 1, form: 'reset', ...query },
  { kind: 'rate-limit', times: 1, match: 'token' },
  { kind: 'status', times: 1, status: 500, ...realtime },
  { kind: 'status', times: 1, status: 502, body: 'html', ...query },
  { kind: 'status', times: 1, status: 503, body: 'empty', ...results },
  { kind: 'status', times: 1, status: 504, ...realtime },
  { kind: 'status', times: 1, status: 503, ...download },
  { kind: 'status', times: 1, status: 503, match: 'audits-services' },
  { kind: 'html-200', times: 1, ...realtime },
  { kind: 'html-200', times: 1, ...results },
  { kind: 'raw', times: 1, body: '{"entities":{},"total":"many"}', ...realtime },
  { kind: 'redirect', times: 1, ...realtime },
  { kind: 'redirect', times: 1, ...results },
  { kind: 'unauthorized', times: 1, ...realtime },
  { kind: 'unauthorized', times: 1, ...query },
  { kind: 'forbidden', times: 1, ...realtime },
  { kind: 'forbidden', times: 1, ...results },
  { kind: 'invalid-client', times: 1, status: 400 },
  // Younger than what sweeps read again.
  { kind: 'held-back', times: 2, rows: 30, youngerSeconds: 30 },
  { kind: 'query-busy', times: 1 },
  // With queries between that succeed: failures in a row are waited for ever longer.
  { kind: 'query-failed', times: 1, after: 20 },
  { kind: 'query-lost', times: 1, after: 40 },
  { kind: 'query-lost', times: 1, after: 30, ...results },
  { kind: 'cursor-refused', times: 1 },
  { kind: 'link-expired', times: 1, ...download },
  { kind: 'reset', times: 1, ...realtime },
  { kind: 'reset-mid-body', times: 1, ...realtime },
  { kind: 'cut', times: 1, ...results },
  { kind: 'cut', times: 1, ...download },
  { kind: 'truncate', times: 1, ...realtime },
  { kind: 'truncate', times: 1, ...download },
  { kind: 'slow-body', times: 1, durationMs: 1_000, ...realtime },
  { kind: 'slow-body', times: 1, durationMs: 1_000, ...download },
  { kind: 'stall', times: 1, ms: 10_000, ...realtime },
  { kind: 'stall', times: 1, bytes: 500, ms: 10_000, ...results },
];

test('every fault of the platform, while events come, loses nothing', async () => {
  await using system = await startSystem({
    contract: 'platform',
    simulator: {
      backlog: 300,
      rate: 0.7,
      clockSpeed: 60,
      // Half of the services come by the history, by pages or by files as the result is small or large.
      audits: {
        lateShare: 0,
        querySeconds: 2,
        historyOnly: ['Routing', 'Outbound', 'Telephony', 'Quality'],
        fileRows: 5,
      },
    },
    settings: { GENESYS_TIMEOUT_SECONDS: '4' },
  });
  // Those of the same requests strike one after another; a result comes as pages first, then as files.
  const ofFiles = ({ kind, match }: FaultInput) => kind === 'cursor-refused' || match === 'audits-download';
  for (const [inlineRows, some] of [
    [10_000, faults.filter((fault) => !ofFiles(fault))],
    [0, faults.filter(ofFiles)],
  ] as const) {
    await system.genesys.changeAudits({ inlineRows });
    await system.genesys.addFaults(...some);
    // A fault of the token endpoint strikes only when a token is asked for.
    await system.genesys.revokeTokens();
    let left: unknown[] = [];
    await until(
      'every fault has struck',
      async () => {
        left = (await system.genesys.faults()).filter(({ struck, fault }) => struck !== fault.times);
        return left.length === 0;
      },
      { told: async () => `Not yet: ${JSON.stringify(left)}. ${await system.told()}` },
    );
    await system.genesys.clearFaults();
  }
  await system.genesys.changeStream({ rate: 0 });
  await system.drained();
  await system.untilReady();
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
  expect((await system.gapRecords()).map(({ reason }) => reason)).toEqual(['no-cursor']);
});
