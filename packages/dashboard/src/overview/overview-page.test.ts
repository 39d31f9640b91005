import type { Heartbeat } from '@trunkline/contracts';
import { judge, type Picture, type Sample } from '@trunkline/overview';
import { describe, expect, test } from 'vitest';
import type { OverviewState } from './feed.ts';
import { overviewPage } from './overview-page.ts';

const viewer = { name: 'vera', role: 'viewer', by: 'session' } as const;
const hostile = '"><script>alert(1)</script>';
const takenAt = Date.parse('2026-11-22T14:00:01.000Z');

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
  facts: { [hostile]: hostile, retryAt: '2026-11-22T14:02:00.000Z', spoolBytes: null },
  streams: { [hostile]: { lease: hostile } },
};

const stream: Picture['streams'][number] = {
  id: hostile,
  kind: 'live',
  received: null,
  indexed: null,
  inFlight: 0,
  leaseHolder: hostile,
  lagSeconds: null,
  replayClosesAt: null,
  replayWindowMs: null,
  drained: null,
  lastPollAt: null,
  pausedUntil: null,
  readsBy: null,
  outlet: null,
  spoolBatches: null,
};

const picture: Picture = {
  takenAt,
  processes: [beat],
  streams: [stream],
  queues: [],
  totals: {},
  archive: { totals: {}, windows: [], failedSteps: [], heldBack: [] },
  deadLetters: { audit: null, archive: null },
};

function shown(changes: Partial<Picture> = {}, samples: Sample[] = []): string {
  const taken = { ...picture, ...changes };
  const state: OverviewState = { picture: taken, readable: true, verdict: judge(taken), recent: [] };
  return overviewPage({ state, samples, range: '1h' }, viewer);
}

/** The page without its tags, in one line. */
function text(page: string): string {
  return page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}

test('what processes say of themselves is text on the page', () => {
  expect(shown()).not.toContain('<script>alert');
  expect(shown()).toContain('&#60;script&#62;');
});

test('what is not known is shown as unknown, never as 0', () => {
  const page = shown();
  expect(page).toContain('not started yet');
  expect(page).toMatch(/<dt>spool bytes<\/dt><dd><span class="unknown"/);
  expect(page).toMatch(/Waiting<\/a><\/h2><p class="figure"><span class="unknown"/);
  expect(page).toMatch(/Received<\/h2><p class="figure"><span class="unknown"/);
});

test('a time of today is shown by its hour', () => {
  expect(shown()).toMatch(/<time datetime="2026-11-22T14:02:00.000Z">14:02:00<\/time>/);
});

test('before anything could be read the page says that Redis is away', () => {
  const state: OverviewState = { picture: null, readable: false, verdict: judge(null, false), recent: [] };
  const page = overviewPage({ state, samples: [], range: '1h' }, viewer);
  expect(text(page)).toContain('Something is wrong Redis cannot be reached');
});

test('the worst comes first, with what to do and where to look', () => {
  const page = text(shown({ processes: [], queues: [] }));
  expect(page).toMatch(
    /Something is wrong No fetcher is alive No events are received\. What to do Start one\./,
  );
});

test('a pause that Genesys asked for is told with its end', () => {
  const reached = { seq: 4, at: takenAt - 60_000 };
  const paused = {
    ...stream,
    id: 'acme',
    received: reached,
    indexed: reached,
    pausedUntil: takenAt + 120_000,
  };
  const fetcher = { ...beat, service: 'fetcher', facts: { archivePausedUntil: '2026-11-22T15:00:00.000Z' } };
  const page = text(shown({ streams: [paused], processes: [fetcher] }));
  expect(page).toMatch(/paused by Genesys until 14:02:01/);
  expect(page).toMatch(/Genesys paused acme until 14:02:01 , archives until 15:00:00/);
});

test('how long there is until events leave the replay window stands beside each stream', () => {
  const reached = { seq: 4, at: takenAt - 3_600_000 };
  const day = 86_400_000;
  const ofDay = { ...stream, received: reached, indexed: reached, replayWindowMs: day };
  expect(text(shown({ streams: [{ ...ofDay, replayClosesAt: takenAt + 3 * 3_600_000 }] }))).toContain(
    'closes in 3 h',
  );
  expect(text(shown({ streams: [{ ...ofDay, replayClosesAt: takenAt - 1 }] }))).toContain('has closed');
});

test('dead letters are counted by their code, each with a way to its letters', () => {
  const audit = { counts: [{ code: 'AUDIT_ID_CONFLICT', count: 1_200 }], ofNewest: 2_000 };
  const page = shown({ deadLetters: { audit, archive: null } });
  expect(page).toContain('href="/dead-letters/audit?code=AUDIT_ID_CONFLICT"');
  expect(text(page)).toMatch(/AUDIT_ID_CONFLICT 1,200 .*of the newest 2,000/);
});

test('what the pipeline put right by itself is counted', () => {
  const page = shown({ totals: { rewinds: 3, gapRecords: 1_200 } });
  expect(page).toMatch(/>3<\/td><td>went back to the watermark/);
  expect(page).toMatch(/>0<\/td><td>went on from the checkpoint/);
  expect(page).toMatch(/>1,200<\/td><td>gap records/);
});

test('charts say in words what they draw, and break where nothing is known', () => {
  const at = (seconds: number) => takenAt - 100_000 + seconds * 1_000;
  const sample = (seconds: number, indexed: number): Sample => ({
    at: at(seconds),
    received: indexed,
    indexed,
    duplicates: 0,
    deadLettered: 0,
    conversations: 0,
    bytes: 0,
    lagSeconds: seconds,
    waiting: 0,
    failed: 2,
  });
  const page = shown({}, [
    sample(0, 0),
    sample(10, 500),
    sample(20, 900),
    sample(90, 1_000),
    sample(100, 1_100),
  ]);
  expect(page).toContain('aria-label="Throughput: Indexed 10/s, at most 50/s; Received 10/s, at most 50/s"');
  const line = /class="line accent" d="([^"]*)"/.exec(page)?.[1] ?? '';
  expect(line.match(/M/g)).toHaveLength(2);
  // As a table too, by stretches of five minutes: 1,100 in 30 s that are known.
  const table = page.slice(page.indexOf('Figures of Throughput'));
  expect(table).toMatch(/Indexed, mean.*?<td data-label="Indexed" class="number">33\.3\/s<\/td>/s);
});

describe('the archive on the page', () => {
  const archive = (changes: Partial<Picture['archive']>, others: Partial<Picture> = {}) =>
    shown({ ...others, archive: { ...picture.archive, ...changes } });
  const window = {
    windowId: 'BATCH_20261121',
    from: '2026-11-21T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    status: 'SUCCESS',
    conversations: 12_040,
    bytes: 4_102_000,
    cost: 0.00005,
    integrity: 'unverified',
    missingTexts: 0,
    at: '2026-11-22T13:59:00.000Z',
    record: 'recorded',
  } as const;

  test('is a quiet line where there is none', () => {
    expect(archive({})).toContain('This deployment archives no conversations');
    expect(archive({})).not.toContain('id="archive-title"');
  });

  test('shows the last windows with their figures, and whether they are on record', () => {
    const page = text(archive({ windows: [window] }));
    expect(page).toMatch(
      /BATCH_20261121 archived 12,040 0 4\.1 MB under \$0\.01 length only in the chain 13:59:00/,
    );
    expect(text(archive({ windows: [{ ...window, record: 'failed' }] }))).toMatch(/length only failed 13:59/);
  });

  test('a window that failed before its figures were known shows them as unknown', () => {
    const unknown = {
      conversations: null,
      bytes: null,
      cost: null,
      integrity: null,
      missingTexts: null,
      record: null,
    };
    const page = archive({ windows: [{ ...window, ...unknown, status: 'FAILURE' }] });
    expect(text(page)).toMatch(/BATCH_20261121 failed – – – – –/);
  });

  test('a window that waits for texts, and one that was archived without some, lead to where that is decided', () => {
    const heldBack = {
      windowId: 'BATCH_20261119',
      code: 'ARCHIVE_TEXT_NOT_READY',
      why: 'Genesys is still making a transcript: the window is held back.',
      since: '2026-11-20T13:00:00.000Z',
      until: '2026-11-22T15:00:00.000Z',
      goesOnAt: null,
    };
    const page = archive({ windows: [{ ...window, missingTexts: 3 }], heldBack: [heldBack] });
    expect(page).toContain('href="/windows/BATCH_20261119"');
    expect(page).toContain('href="/windows/BATCH_20261121"');
    expect(text(page)).toMatch(/wait for texts that Genesys does not give: 1 .*until a person releases it/);
    expect(text(page)).toMatch(/archived without texts that Genesys did not give: 1 3 texts are missing/);
  });

  test('what stands failed leads to its job, with the code alone', () => {
    const page = archive({
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
    expect(page).toContain('<code>ARCHIVE_DIGEST_MISMATCH</code>');
    expect(page).toContain('unforeseen error');
    expect(page).not.toContain('<script>alert');
  });

  test('tells why the bucket gate is shut, and claims nothing before somebody has asked', () => {
    const page = (gate: string | null, problems: string[] = []) =>
      text(archive({}, { processes: [{ ...beat, service: 'uploader', problems, facts: { gate } }] }));
    expect(page('shut (unencrypted)', ['redis: slow', 'bucket: It has no default encryption.'])).toMatch(
      /Bucket gate shut bucket: It has no default encryption\./,
    );
    expect(page('open (2 warnings)')).toMatch(/Bucket gate open 2 warnings/);
    expect(page('unknown')).not.toContain('Bucket gate');
    expect(page(null)).not.toContain('Bucket gate');
  });

  test('tells up to where every window is archived, and which is not', () => {
    const fetcher = (facts: Heartbeat['facts']) =>
      text(
        archive({ windows: [window] }, { processes: [{ ...beat, service: 'fetcher', facts, streams: {} }] }),
      );
    const facts = { archiveWatermark: '2026-11-21T00:00:00.000Z', archiveUnfinished: 2 };
    expect(fetcher({ ...facts, archiveOldestUnfinished: 'BATCH_20261121' })).toMatch(
      /Every window up to 2026-11-21 00:00:00 UTC is archived; 2 that are due are not done, the oldest BATCH_20261121\./,
    );
    expect(
      fetcher({ archiveWatermark: null, archiveUnfinished: 0, archiveOldestUnfinished: null }),
    ).toContain('No window is archived in order yet; none that is due is missing.');
    // A fetcher of audit events alone knows nothing of it.
    expect(fetcher({})).not.toContain('is archived;');
  });
});
