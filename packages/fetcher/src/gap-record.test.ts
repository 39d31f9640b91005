import { expect, it } from 'vitest';
import { gapRecord } from './gap-record.ts';

const base = {
  epoch: 'e1',
  cursor: 'c1',
  receivedAt: Date.parse('2026-11-20T10:00:00Z'),
  reason: 'cursor-expired',
  now: Date.parse('2026-11-22T10:00:00Z'),
  beginsAt: Date.parse('2026-11-21T10:00:00Z'),
  lateMs: 0,
} as const;

it('reaches from the last event received to where the stream begins anew', () => {
  expect(gapRecord(base)).toMatchObject({
    from: '2026-11-20T10:00:00.000Z',
    to: '2026-11-21T10:00:00.000Z',
    reason: 'cursor-expired',
    at: '2026-11-22T10:00:00.000Z',
  });
  expect(gapRecord({ ...base, lateMs: 2_700_000 }).from).toBe('2026-11-20T09:15:00.000Z');
  expect(gapRecord({ ...base, receivedAt: null }).from).toBeNull();
});

it('is one record however often the same gap is met, and another for another gap', () => {
  expect(gapRecord({ ...base, now: base.now + 5_000 }).id).toBe(gapRecord(base).id);
  expect(gapRecord({ ...base, cursor: 'c2' }).id).not.toBe(gapRecord(base).id);
  expect(gapRecord({ ...base, epoch: 'e2' }).id).not.toBe(gapRecord(base).id);
});
