import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Comparison, type SinkDocument } from './comparison.ts';
import { marks } from './event-table.ts';

const digestOf = (content: string): string => hash('sha256', content, 'hex');
const event = (id: string, content = id) => ({ id, digest: digestOf(content), time: 0 });
const document = (id: string, content = id, index = 'day-1'): SinkDocument => ({
  id,
  index,
  digest: digestOf(content),
  contentDigest: digestOf(content),
});

function compare(source: ReturnType<typeof event>[], sink: SinkDocument[]): Comparison {
  const comparison = new Comparison();
  for (const each of source) comparison.addSource(each, 0);
  for (const each of sink) comparison.addDocument(each, true);
  return comparison;
}

const missing = (comparison: Comparison): string[] =>
  [...comparison.unexplained()].map((entry) => comparison.table.id(entry));

test('events that stand once in the sink leave nothing to say', () => {
  const comparison = compare([event('a'), event('b'), event('a')], [document('b'), document('a')]);
  expect(missing(comparison)).toEqual([]);
  expect(comparison).toMatchObject({ repeated: 1, documents: 2, altered: [], extras: [] });
  expect(comparison.duplicated.size).toBe(0);
});

test('an event that stands nowhere is left unexplained, until somebody explains it', () => {
  const comparison = compare([event('a'), event('b'), event('c')], [document('b')]);
  expect(missing(comparison)).toEqual(['a', 'c']);
  comparison.table.mark(0, marks.notDue);
  comparison.table.mark(2, marks.deadLettered);
  expect(comparison.hasUnexplained()).toBe(false);
  expect([...comparison.absentWith(marks.notDue)]).toEqual([0]);
});

test('a document more than one event has is named with every index', () => {
  const comparison = compare(
    [event('a')],
    [document('a'), document('a', 'a', 'day-2'), document('a', 'a', 'day-2')],
  );
  expect([...comparison.duplicated.values()]).toEqual([{ id: 'a', indices: ['day-1', 'day-2', 'day-2'] }]);
  expect(missing(comparison)).toEqual([]);
});

test('another content under the id is altered, not missing', () => {
  const comparison = compare([event('a')], [document('a', 'changed')]);
  expect(comparison.altered).toEqual([{ id: 'a', index: 'day-1', what: 'content' }]);
  expect(missing(comparison)).toEqual([]);
});

test('a changed note of the digest, and a document of somebody else, are altered too', () => {
  const noted = { ...document('a'), digest: digestOf('else') };
  const foreign = { ...document('b'), digest: null, contentDigest: null };
  expect(compare([event('a'), event('b')], [noted, foreign]).altered).toEqual([
    { id: 'a', index: 'day-1', what: 'noted-digest' },
    { id: 'b', index: 'day-1', what: 'foreign-document' },
  ]);
});

test('another shape of an event is acquitted, what was rewritten behind its digest is not', () => {
  const rewritten = { ...document('b', 'changed'), digest: digestOf('b') };
  const comparison = compare([event('a'), event('b')], [document('a', 'shape'), rewritten]);
  comparison.acquit(new Set(['a', 'b']));
  expect(comparison.altered).toEqual([{ id: 'b', index: 'day-1', what: 'content' }]);
  expect(missing(comparison)).toEqual([]);
});

test('a document that the source does not know is extra, unless it is looked at for something else', () => {
  const comparison = compare([], [document('a')]);
  expect(comparison.extras).toEqual([{ id: 'a', index: 'day-1' }]);
  comparison.addDocument(document('b'), false);
  expect(comparison.extras).toHaveLength(1);
});

test('of two contents under one id in the source, the one that stands is found and the other is left', () => {
  const comparison = compare([event('a', 'first'), event('a', 'second')], [document('a', 'first')]);
  expect(missing(comparison)).toEqual(['a']);
  expect(comparison.altered).toEqual([]);
});

test('whatever is lost, doubled, changed or added is named exactly', () => {
  const fate = fc.constantFrom('kept', 'lost', 'doubled', 'changed', 'added');
  fc.assert(
    fc.property(fc.array(fate, { maxLength: 50 }), (fates) => {
      const named = (wanted: string) => fates.flatMap((each, n) => (each === wanted ? [`e${n}`] : []));
      const comparison = compare(
        fates.flatMap((each, n) => (each === 'added' ? [] : [event(`e${n}`)])),
        fates.flatMap((each, n) => {
          if (each === 'lost') return [];
          if (each === 'doubled') return [document(`e${n}`), document(`e${n}`, `e${n}`, 'day-2')];
          return [document(`e${n}`, each === 'changed' ? 'x' : `e${n}`)];
        }),
      );
      expect(missing(comparison)).toEqual(named('lost'));
      expect([...comparison.duplicated.keys()]).toEqual(named('doubled'));
      expect(comparison.altered.map(({ id }) => id)).toEqual(named('changed'));
      expect(comparison.extras.map(({ id }) => id)).toEqual(named('added'));
    }),
  );
});
