import { expect, test } from 'vitest';
import { type Status, statusLine } from './status-line.ts';

const status: Status = {
  received: 12_345,
  indexed: 12_000,
  duplicates: 0,
  deadLetters: 3,
  lagSeconds: 4.4,
  gate: 'open',
  problems: [],
};

test('shows the figures of the pipeline', () => {
  expect(statusLine(status)).toBe(
    'received 12,345  indexed 12,000  lag 4 s  duplicates 0  dead letters 3  gate open',
  );
});

test('what cannot be read is unknown, not zero', () => {
  const unknown = { received: null, indexed: null, duplicates: null, deadLetters: null };
  expect(statusLine({ ...status, ...unknown, lagSeconds: null, gate: null })).toBe(
    'received -  indexed -  lag -  duplicates -  dead letters -  gate -',
  );
});

test.each([
  [600, 'lag 10 min'],
  [9_000, 'lag 2.5 h'],
])('a lag of %i s is told as %s', (lagSeconds, words) => {
  expect(statusLine({ ...status, lagSeconds })).toContain(words);
});

test('the first problem stands behind the figures', () => {
  expect(statusLine({ ...status, problems: ['indexer: no Elasticsearch', 'x'] })).toMatch(
    /! indexer: no Elasticsearch$/,
  );
});
