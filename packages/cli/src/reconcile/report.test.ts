import { expect, test } from 'vitest';
import { exitCodeOfReport, type ReconcileReport, reportText } from './report.ts';

const well: ReconcileReport = {
  v: 1,
  stream: 'default',
  range: { from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T06:00:00.000Z' },
  checked: { from: '2026-11-22T00:00:00.000Z', to: '2026-11-22T06:00:00.000Z' },
  unchecked: null,
  source: { events: 250, repeated: 0, pages: 3 },
  sink: { documents: 250 },
  watermark: { seq: 3, at: null, behind: 0 },
  accounted: { deadLettered: 0, filtered: 0, notYetDue: 0, otherStreams: 0 },
  missing: [],
  duplicated: [],
  altered: [],
  extra: [],
  gaps: [],
  problems: [],
  repair: null,
};
const unchecked = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-22T00:00:00.000Z', documents: 1 };
const missing = [{ id: 'a', date: null, digest: '' }];

test.each([
  ['nothing is wrong', {}, 0, 'All well: every event'],
  [
    'some are not due',
    { accounted: { ...well.accounted, notYetDue: 2 } },
    0,
    '2 events of the range are not indexed yet',
  ],
  [
    'some are dead letters',
    { accounted: { ...well.accounted, deadLettered: 1 } },
    0,
    'but for 1 dead letter.',
  ],
  ['a part lies before the window', { unchecked }, 2, 'NOT compared'],
  ['it is not known what is due', { problems: ['No state.'] }, 2, 'Not completed: No state.'],
  ['one is missing', { missing }, 1, '1 difference found.'],
  ['one is missing and a part was not compared', { missing, unchecked }, 1, '1 difference found.'],
])('where %s, the words and the exit code say so', (_what, more, code, words) => {
  const report = { ...well, ...more };
  expect(exitCodeOfReport(report)).toBe(code);
  expect(reportText(report)).toContain(words);
});

test('people are shown the first of many, and how many there are', () => {
  const many = Array.from({ length: 1_234 }, (_, n) => ({ id: `e${n}`, index: 'i' }));
  const text = reportText({ ...well, extra: many });
  expect(text).toContain('extra       1,234');
  expect(text).toContain('and 1,214 more (--json lists all)');
  expect(text).not.toContain('e20 ');
});

test('a gap record of another stream that is read for this one names it, so that it can be acknowledged', () => {
  const gap = {
    id: 'g',
    from: null,
    to: null,
    reason: 'r',
    recordedAt: '',
    verdict: 'open',
    why: 'w',
  } as const;
  const gaps = [
    { ...gap, stream: 'default' },
    { ...gap, stream: 'default.history' },
  ];
  const text = reportText({ ...well, gaps });
  expect(text.match(/r: w.*/g)).toEqual(['r: w', 'r: w (stream default.history)']);
});
