import type { Heartbeat } from '@trunkline/contracts';
import { expect, test } from 'vitest';
import { overviewPage } from './overview-page.ts';
import type { Snapshot } from './snapshot.ts';

const viewer = { name: 'vera', role: 'viewer' } as const;
const hostile = '"><script>alert(1)</script>';

const beat: Heartbeat = {
  v: 1,
  service: 'indexer',
  instance: hostile,
  version: hostile,
  host: hostile,
  pid: 1,
  startedAt: '2026-11-22T12:00:00.000Z',
  beatAt: '2026-11-22T14:00:00.000Z',
  live: true,
  ready: false,
  problems: [hostile],
  httpUrl: null,
  facts: { [hostile]: hostile, genesysPausedUntil: '2026-11-22T14:02:00.000Z', spoolBytes: null },
};

const snapshot: Snapshot = {
  takenAt: Date.parse('2026-11-22T14:00:01.000Z'),
  processes: [beat],
  streams: [{ id: 'default', stream: { state: null, epoch: null, leaseHolder: null, inFlightCount: 0 } }],
  queues: [],
  totals: {},
};

test('what processes say of themselves is text on the page', () => {
  const page = overviewPage({ snapshot, readable: true, history: [] }, viewer);
  expect(page).not.toContain('<script>alert');
  expect(page).toContain('&#60;script&#62;');
});

test('what is not known is shown as unknown, never as 0', () => {
  const page = overviewPage({ snapshot, readable: true, history: [] }, viewer);
  expect(page).toContain('not started yet');
  expect(page).toMatch(/<dt>spool bytes<\/dt><dd><span class="unknown"/);
  expect(page).toMatch(/>Waiting<\/h2><p class="figure"><span class="unknown"/);
});

test('a time of today is shown by its hour', () => {
  const page = overviewPage({ snapshot, readable: true, history: [] }, viewer);
  expect(page).toMatch(/<time datetime="2026-11-22T14:02:00.000Z">14:02:00<\/time>/);
});

test('before anything could be read the page says that Redis is away', () => {
  const page = overviewPage({ snapshot: null, readable: false, history: [] }, viewer);
  expect(page).toContain('Something is wrong');
  expect(page).toContain('Redis cannot be reached');
});
