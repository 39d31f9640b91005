import type { OddEventInput } from '@trunkline/simulator';
import { until } from '@trunkline/test-kit';
import { expect, test } from 'vitest';
import { expectExactlyOnce, startSystem } from './start-system.ts';

/** What is odd, and what becomes of it. `indexed` in words of the sink: as it came, or with its body set aside. */
const oddities: { odd: OddEventInput; becomes: 'indexed' | 'set-aside' | 'dead-letter'; code?: string }[] = [
  { odd: { kind: 'malformed-ip' }, becomes: 'indexed' },
  { odd: { kind: 'bad-date' }, becomes: 'indexed' },
  { odd: { kind: 'no-usable-date', variant: 'missing' }, becomes: 'indexed' },
  { odd: { kind: 'no-usable-date', variant: 'null' }, becomes: 'indexed' },
  { odd: { kind: 'no-usable-date', variant: 'far-future' }, becomes: 'indexed' },
  { odd: { kind: 'no-usable-date', variant: 'far-past' }, becomes: 'indexed' },
  { odd: { kind: 'keys-2000', where: 'request' }, becomes: 'set-aside' },
  { odd: { kind: 'keys-2000', where: 'top' }, becomes: 'set-aside' },
  { odd: { kind: 'depth-60' }, becomes: 'set-aside' },
  { odd: { kind: 'string-40k', field: 'request' }, becomes: 'indexed' },
  { odd: { kind: 'string-40k', field: 'userName' }, becomes: 'indexed' },
  { odd: { kind: 'proto-key' }, becomes: 'set-aside' },
  { odd: { kind: 'huge', bytes: 6_000_000 }, becomes: 'indexed' },
  { odd: { kind: 'duplicate' }, becomes: 'indexed' },
  { odd: { kind: 'id-conflict' }, becomes: 'dead-letter', code: 'AUDIT_ID_CONFLICT' },
  { odd: { kind: 'wrong-shape', variant: 'array' }, becomes: 'dead-letter', code: 'AUDIT_EVENT_MALFORMED' },
  { odd: { kind: 'wrong-shape', variant: 'no-id' }, becomes: 'dead-letter', code: 'AUDIT_EVENT_MALFORMED' },
  { odd: { kind: 'wrong-shape', variant: 'id-long' }, becomes: 'dead-letter', code: 'AUDIT_EVENT_MALFORMED' },
  { odd: { kind: 'wrong-shape', variant: 'null' }, becomes: 'dead-letter', code: 'AUDIT_EVENT_MALFORMED' },
];

test('an odd event is indexed, set aside or dead-lettered with its reason, and its 99 neighbours are indexed', async () => {
  await using system = await startSystem({ simulator: { backlog: 200 } });
  await system.drained();
  const fieldsBefore = await system.mappedFields();
  for (const { odd } of oddities) {
    // In the middle of a page of its own.
    await system.genesys.addEvents(50);
    await system.genesys.addOdd(odd);
    await system.genesys.addEvents(49);
  }
  await system.drained();

  const dead = oddities.filter(({ becomes }) => becomes === 'dead-letter');
  await expectExactlyOnce(system, { deadLettered: dead.length });
  const letters = await system.deadLetters();
  expect(letters.map(({ code }) => code).sort()).toEqual(dead.map(({ code }) => code).sort());
  expect(letters.every(({ status }) => status === 'open')).toBe(true);
  const documents = await system.stored();
  expect(documents.filter(({ setAside }) => setAside)).toHaveLength(
    oddities.filter(({ becomes }) => becomes === 'set-aside').length,
  );
  // Whatever an event carries, the mapping stays as the template has it.
  expect(await system.mappedFields()).toEqual(fieldsBefore);
  expect(await system.burnedAttempts()).toEqual([]);
  // Each dead letter has its pointer on the queue, failed, so that Retry in Bull Board re-drives it.
  const letterQueue = system.queue('audit-dead-letter');
  await until(
    'every pointer stands failed',
    async () => (await letterQueue.getFailedCount()) === dead.length,
  );
});
