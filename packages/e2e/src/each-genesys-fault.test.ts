import type { FaultInput } from '@trunkline/simulator';
import type { System } from '@trunkline/test-kit';
import { until } from '@trunkline/test-kit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

let system: System;

beforeAll(async () => {
  system = await startSystem({
    simulator: { backlog: 100 },
    settings: { GENESYS_RATE_PER_SECOND: '50', GENESYS_TIMEOUT_SECONDS: '6' },
  });
  await system.drained();
});

afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

const faults: FaultInput[] = [
  // First, while the stream is short: it is read again from its beginning.
  { kind: 'expired-cursor', times: 1 },
  { kind: 'expired-cursor', times: 1, status: 410 },
  { kind: 'rate-limit', times: 2 },
  { kind: 'rate-limit', times: 1, retryAfterSeconds: 1 },
  { kind: 'rate-limit', times: 1, retryAfterSeconds: 1, form: 'date' },
  { kind: 'rate-limit', times: 1, match: 'token' },
  { kind: 'status', times: 2, status: 500 },
  { kind: 'status', times: 2, status: 502, body: 'html' },
  { kind: 'status', times: 2, status: 503, body: 'empty' },
  { kind: 'status', times: 1, status: 503, match: 'token' },
  { kind: 'html-200', times: 2 },
  { kind: 'raw', times: 1, body: '{"events":{},"nextCursor":7}' },
  { kind: 'unauthorized', times: 1 },
  { kind: 'forbidden', times: 2 },
  { kind: 'invalid-client', times: 1 },
  { kind: 'repeated-cursor', times: 1 },
  { kind: 'null-cursor', times: 1 },
  { kind: 'page-grew', times: 2 },
  { kind: 'duplicates-in-page', times: 1 },
  { kind: 'duplicates-across-pages', times: 1 },
  { kind: 'missing-cursor', times: 2 },
  { kind: 'empty-page', times: 1 },
  { kind: 'huge-page', times: 1, bytes: 20_000_000 },
  { kind: 'reset', times: 2 },
  { kind: 'reset-mid-body', times: 2 },
  { kind: 'cut', times: 2 },
  { kind: 'truncate', times: 2 },
  { kind: 'slow-body', times: 1, durationMs: 1_000 },
  { kind: 'delay', times: 1, ms: 500 },
  { kind: 'stall', times: 1, ms: 10_000 },
  { kind: 'stall', times: 1, bytes: 500, ms: 10_000 },
  { kind: 'date-offset', times: 2, seconds: 600 },
  { kind: 'date-offset', times: 2, seconds: -600 },
  { kind: 'date-offset', times: 2 },
];

async function strike(...planned: FaultInput[]): Promise<void> {
  if (planned.some(({ kind, match }) => kind === 'invalid-client' || match === 'token')) {
    // A fault of the token endpoint strikes only when a token is asked for.
    await system.genesys.revokeTokens();
  }
  const ids = await system.genesys.addFaults(...planned);
  await system.genesys.addEvents(210);
  let found = await system.genesys.faults();
  await until(
    `${JSON.stringify(planned)} has struck`,
    async () => {
      found = await system.genesys.faults();
      return found.filter(({ id }) => ids.includes(id)).every(({ struck, fault }) => struck === fault.times);
    },
    { told: () => `Struck: ${JSON.stringify(found)}` },
  );
  await system.genesys.clearFaults();
  await system.drained();
}

test.for(faults)('%j loses nothing', async (fault) => {
  await strike(fault);
  expect((await system.jobCounts())['failed']).toBe(0);
});

test.for([
  { one: 'unauthorized', other: 'reset-mid-body' },
  { one: 'expired-cursor', other: 'null-cursor' },
  { one: 'page-grew', other: 'truncate' },
  { one: 'duplicates-across-pages', other: 'repeated-cursor' },
] as const)('$one and $other together lose nothing', async ({ one, other }) => {
  await strike({ kind: one, times: 1 }, { kind: other, times: 1 });
});

test('after all of them every event stands in Elasticsearch once', async () => {
  await expectExactlyOnce(system);
  expect(await system.burnedAttempts()).toEqual([]);
  // A cursor that was lost leaves a record of what may not have been read.
  const reasons = new Set((await system.gapRecords()).map(({ reason }) => reason));
  expect(reasons.size).toBeGreaterThan(1);
});
