import { expect, test } from 'vitest';
import { Progress } from './progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const err = { write: (text: string) => written.push(text), isTTY, columns: 60 };
  const progress = new Progress(err, () => now);
  return { progress, written, pass: (ms: number) => (now += ms) };
}

const reading = (share: number | null) => ({ what: 'Reading', share, detail: '1,234 events' });

test('a terminal gets a bar that is drawn over, no wider than it is, and nothing of it stays', () => {
  const { progress, written, pass } = terminal(true);
  progress.at(reading(0.5));
  progress.at(reading(0.6)); // too soon
  pass(100);
  progress.at(reading(1.7));
  progress[Symbol.dispose]();
  expect(written).toEqual([
    '\r\u001b[KReading  [============            ] 50 %  1,234 events',
    '\r\u001b[KReading  [========================] 100 %  1,234 events',
    '\r\u001b[K',
  ]);
});

test('elsewhere each work is a plain line, and one more every five seconds', () => {
  const { progress, written, pass } = terminal(false);
  progress.at(reading(0.1));
  pass(4_999);
  progress.at(reading(0.2));
  pass(1);
  progress.at(reading(0.3));
  progress.at({ what: 'Looking again', share: null, detail: '2 documents' });
  progress[Symbol.dispose]();
  expect(written).toEqual([
    'Reading 10 %: 1,234 events\n',
    'Reading 30 %: 1,234 events\n',
    'Looking again: 2 documents\n',
  ]);
});

test('a note stays, and the bar comes back under it', () => {
  const { progress, written } = terminal(true);
  progress.at(reading(0));
  progress.note('Genesys asks to wait.');
  progress.at(reading(0));
  expect(written.slice(1, 3)).toEqual(['\r\u001b[K', 'Genesys asks to wait.\n']);
  expect(written[3]).toContain('Reading');
});
