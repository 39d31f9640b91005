import type { Heartbeat } from '@trunkline/contracts';
import { describe, expect, test } from 'vitest';
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
  archive: { totals: {}, windows: [], failedSteps: [] },
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

describe('the archive on the page', () => {
  const shown = (archive: Partial<Snapshot['archive']>, changes: Partial<Snapshot> = {}) => {
    const state = { ...snapshot, ...changes, archive: { ...snapshot.archive, ...archive } };
    return overviewPage({ snapshot: state, readable: true, history: [] }, viewer);
  };
  const window = {
    windowId: 'BATCH_20261121',
    from: '2026-11-21T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    status: 'SUCCESS',
    conversations: 12_040,
    bytes: 4_102_000,
    cost: 0.00005,
    integrity: 'unverified',
    at: '2026-11-22T13:59:00.000Z',
  } as const;

  test('is a quiet line where there is none', () => {
    expect(shown({})).toContain('This deployment archives no conversations');
    expect(shown({})).not.toContain('id="archive"');
  });

  test('shows the last windows with their figures', () => {
    const page = shown({ windows: [window] });
    expect(page).toMatch(/BATCH_20261121<\/th><td><span class="pill good">archived/);
    expect(page).toContain('12,040');
    expect(page).toContain('4.1 MB');
    expect(page).toContain('under $0.01');
    expect(page).toContain('length only');
  });

  test('a window that failed before its figures were known shows them as unknown', () => {
    const failed = { ...window, status: 'FAILURE', conversations: null, bytes: null, cost: null } as const;
    const page = shown({ windows: [{ ...failed, integrity: null }] });
    expect(page).toMatch(/<span class="pill bad">failed/);
    expect(page.match(/title="not known"/g)?.length).toBeGreaterThanOrEqual(4);
  });

  test('what stands failed leads to its job, with the code alone', () => {
    const page = shown({
      failedSteps: [
        {
          windowId: 'BATCH_20261121_chat+email',
          queue: 'archive-fetch',
          jobId: 'BATCH_20261121_chat+email',
          code: 'ARCHIVE_DIGEST_MISMATCH',
          failedAt: Date.parse('2026-11-22T13:00:00Z'),
        },
        { windowId: 'not known', queue: 'archive-upload', jobId: hostile, code: null, failedAt: null },
      ],
    });
    expect(page).toContain('href="/queues/queue/archive-fetch/BATCH_20261121_chat%2Bemail"');
    expect(page).toContain('<td>ARCHIVE_DIGEST_MISMATCH</td>');
    expect(page).toContain('unforeseen error');
    expect(page).not.toContain('<script>alert');
  });

  describe('the bucket gate', () => {
    const page = (gate: string | null, problems: string[] = []) =>
      shown({}, { processes: [{ ...beat, service: 'uploader', problems, facts: { gate } }] });

    test('tells why it is shut', () => {
      expect(page('shut (unencrypted)', ['redis: slow', 'bucket: it has no default encryption.'])).toMatch(
        /Bucket gate <span class="pill bad">shut<\/span> <span class="quiet">bucket: it has no default encryption\./,
      );
    });

    test('is open, with what is not as it should be', () => {
      expect(page('open')).toContain('Bucket gate <span class="pill good">open</span></p>');
      expect(page('open (2 warnings)')).toMatch(/open<\/span> <span class="quiet">2 warnings/);
    });

    test('is not claimed to be anything before somebody has asked', () => {
      expect(page('unknown')).not.toContain('Bucket gate');
      expect(page(null)).not.toContain('Bucket gate');
    });
  });

  test('tells up to where every window is archived, and which is not', () => {
    const fetcher = (facts: Heartbeat['facts']) =>
      shown({ windows: [window] }, { processes: [{ ...beat, service: 'fetcher', facts }] });
    const facts = { archiveWatermark: '2026-11-21T00:00:00.000Z', archiveUnfinished: 2 };
    expect(fetcher({ ...facts, archiveOldestUnfinished: 'BATCH_20261121' })).toMatch(
      /Every window up to <time [^>]*>2026-11-21 00:00:00<\/time> UTC is archived; 2 that are due are not done, the oldest BATCH_20261121\./,
    );
    expect(
      fetcher({ archiveWatermark: null, archiveUnfinished: 0, archiveOldestUnfinished: null }),
    ).toContain('No window is archived in order yet; none that is due is missing.');
    // A fetcher of audit events alone knows nothing of it.
    expect(fetcher({ stream: 'default' })).not.toContain('is archived;');
  });
});
