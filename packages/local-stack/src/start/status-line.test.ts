import { expect, test } from 'vitest';
import { type Status, statusLine } from './status-line.ts';

const status: Status = {
  received: 12_345,
  indexed: 12_000,
  duplicates: 0,
  deadLetters: 3,
  lagSeconds: 4.4,
  gate: 'open',
  archive: { windows: 1, stored: 340, deadLetters: 2, gate: 'open', told: 1 },
  problems: [],
};

test('shows the figures of both pipelines', () => {
  expect(statusLine(status)).toBe(
    'received 12,345  indexed 12,000  lag 4 s  duplicates 0  dead 3  gate open | windows 1  stored 340  dead 2  gate open  told 1',
  );
});

test('what cannot be read is unknown, not zero', () => {
  const unknown = { received: null, indexed: null, duplicates: null, deadLetters: null };
  const archive = { windows: null, stored: null, deadLetters: null, gate: null, told: null };
  expect(statusLine({ ...status, ...unknown, lagSeconds: null, gate: null, archive, problems: null })).toBe(
    'received -  indexed -  lag -  duplicates -  dead -  gate - | windows -  stored -  dead -  gate -  told -',
  );
});

test('where nothing is archived, nothing is told of it', () => {
  expect(statusLine({ ...status, archive: null })).toMatch(/ {2}gate open$/);
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
