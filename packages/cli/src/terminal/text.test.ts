import { expect, test } from 'vitest';
import { counted, printable, table } from './text.ts';

test('what could act on a terminal is shown as a replacement character', () => {
  expect(printable('a\u001b[2Jb\r\n\u202ec')).toBe('a\ufffd[2Jb\ufffd\ufffd\ufffdc');
  expect(printable('x'.repeat(300))).toBe(`${'x'.repeat(200)}…`);
});

test('columns are as wide as their widest cell', () => {
  expect(
    table([
      ['A', 'B'],
      ['long', 'x'],
      ['s', ''],
    ]),
  ).toBe('A     B\nlong  x\ns');
});

test('numbers are grouped, and agree with their nouns', () => {
  expect(counted(1, 'event')).toBe('1 event');
  expect(counted(12_300, 'event')).toBe('12,300 events');
});
