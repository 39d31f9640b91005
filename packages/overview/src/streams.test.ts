import type { StreamSnapshot } from '@trunkline/stream-state';
import { expect, test } from 'vitest';
import { process, takenAt } from './picture.fixture.ts';
import { streamPicture } from './streams.ts';

const day = 86_400_000;
const snapshot: StreamSnapshot = {
  state: {
    received: { cursor: 'c', seq: 12, at: takenAt - 60_000 },
    indexed: { cursor: 'b', seq: 10, at: takenAt - 90_000 },
    receivedPage: '',
  },
  epoch: 'e',
  leaseHolder: 'fetcher-1',
  inFlightCount: 2,
};
const told = {
  lease: 'held',
  lagSeconds: 91,
  drained: false,
  replayWindowMs: day,
  lastPollAt: new Date(takenAt - 500).toISOString(),
  genesysPausedUntil: null,
  outlet: 'queue',
  spoolBatches: 3,
} as const;

function seen(...streams: Record<string, string | number | boolean | null>[]) {
  const processes = streams.map((facts) => process('fetcher', { streams: { default: facts } }));
  return streamPicture('default', snapshot, processes, null, takenAt);
}

test('the fetcher that holds the lease tells of the stream, and every spool counts', () => {
  const standby = {
    lease: 'waiting',
    lagSeconds: null,
    spoolBatches: 4,
    outlet: 'queue',
    replayWindowMs: day,
  };
  expect(seen(standby, told)).toMatchObject({
    kind: 'live',
    lagSeconds: 91,
    outlet: 'queue',
    spoolBatches: 7,
    inFlight: 2,
    replayClosesAt: takenAt - 60_000 + day,
  });
});

test('the window of a drained stream runs from the last poll', () => {
  expect(seen({ ...told, drained: true }).replayClosesAt).toBe(takenAt - 500 + day);
});

test('with every fetcher dead the lag grows, and the window is the one that was told before', () => {
  expect(streamPicture('default', { ...snapshot, leaseHolder: null }, [], day, takenAt)).toMatchObject({
    lagSeconds: 90,
    replayClosesAt: takenAt - 60_000 + day,
    drained: null,
    outlet: null,
    spoolBatches: null,
  });
});

test('how the holder reads is told, where there is more than one way', () => {
  expect(seen({ ...told, readsBy: 'history up to 2026-11-20T00:00:00.000Z' }).readsBy).toMatch(/^history/);
  expect(seen(told).readsBy).toBeNull();
});

test('what nobody knows is not made up', () => {
  expect(streamPicture('default', { ...snapshot, state: null }, [], null, takenAt)).toMatchObject({
    received: null,
    lagSeconds: null,
    replayClosesAt: null,
  });
});

test('a pause that Genesys asked for is told, and what is no time is none', () => {
  const until = takenAt + 3_600_000;
  expect(seen({ ...told, genesysPausedUntil: new Date(until).toISOString() }).pausedUntil).toBe(until);
  expect(seen({ ...told, genesysPausedUntil: 'soon', outlet: 'moon', lagSeconds: 'long' })).toMatchObject({
    pausedUntil: null,
    outlet: null,
    lagSeconds: null,
  });
});

test('streams are told apart by their names, and a fetcher of the version before has one', () => {
  expect(streamPicture('acme.history', snapshot, [], null, takenAt).kind).toBe('history');
  expect(streamPicture('acme.backfill.20260101T0000-20260201T0000', snapshot, [], null, takenAt).kind).toBe(
    'backfill',
  );
  const earlier = process('fetcher', { facts: { ...told, stream: 'default' } });
  expect(streamPicture('default', snapshot, [earlier], null, takenAt).lagSeconds).toBe(91);
});
