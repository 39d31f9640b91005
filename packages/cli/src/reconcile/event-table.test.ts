import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventTable, marks } from './event-table.ts';

const digestOf = (content: string): string => hash('sha256', content, 'hex');

test('it gives back what was put in, however many there are, and knows what it was not given', () => {
  const table = new EventTable();
  const count = 50_000;
  for (let n = 0; n < count; n++) table.add(`event-${n}`, digestOf(String(n)), n % 97, n * 1_000);
  expect(table.size).toBe(count);
  for (let n = 0; n < count; n += 37) {
    expect(table.find(`event-${n}`)).toEqual([n]);
    expect(table.id(n)).toBe(`event-${n}`);
    expect(table.digest(n)).toBe(digestOf(String(n)));
    expect(table.page(n)).toBe(n % 97);
    expect(table.time(n)).toBe(n * 1_000);
  }
  expect(table.find(`event-${count}`)).toEqual([]);
});

test('the same event again is one entry; the same id with another content is another', () => {
  const table = new EventTable();
  expect(table.add('a', digestOf('one'), 0, null)).toBe(true);
  expect(table.add('a', digestOf('one'), 5, null)).toBe(false);
  expect(table.add('a', digestOf('two'), 5, null)).toBe(true);
  expect(table.find('a')).toEqual([0, 1]);
  expect(table.findExact('a', digestOf('two'))).toBe(1);
  expect(table.findExact('a', digestOf('three'))).toBeNull();
});

test('marks are kept apart by entry, also over growth', () => {
  const table = new EventTable();
  table.add('first', digestOf('x'), 0, null);
  table.mark(0, marks.stored);
  table.mark(0, marks.deadLettered);
  for (let n = 0; n < 5_000; n++) table.add(`filler-${n}`, digestOf('x'), 0, null);
  expect(
    [marks.stored, marks.replaced, marks.notDue, marks.deadLettered].map((m) => table.has(0, m)),
  ).toEqual([true, false, false, true]);
  expect(table.has(1, marks.stored)).toBe(false);
});

test('it agrees with a map of sets for any ids and contents', () => {
  const pair = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 4 }), fc.constantFrom('p', 'q', 'r'));
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
      const table = new EventTable();
      const model = new Map<string, Set<string>>();
      for (const [id, content] of pairs) {
        const contents = model.get(id) ?? new Set();
        expect(table.add(id, digestOf(content), 0, null)).toBe(!contents.has(content));
        model.set(id, contents.add(content));
      }
      for (const [id, contents] of model) {
        expect(table.find(id).map((entry) => table.digest(entry))).toEqual([...contents].map(digestOf));
      }
    }),
  );
});
