import { describe, expect, it } from 'vitest';
import { assemble, EventWriter } from './event.ts';
import { type OddEventInput, oddEventSchema, writeOdd } from './odd-event.ts';
import { seedFrom } from './random.ts';

const seed = seedFrom('odd');
const writer = new EventWriter(seed);
const earlier = writer.write(3, 1_700_000_000_000);
const textOf = (odd: OddEventInput) =>
  writeOdd(seed, writer, 42, 1_700_000_001_000, oddEventSchema.parse(odd), earlier).text;
const eventOf = (odd: OddEventInput) => JSON.parse(textOf(odd)) as Record<string, never>;

function depthOf(value: unknown): number {
  return value !== null && typeof value === 'object'
    ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
    : 0;
}

describe('an odd event', () => {
  it('is the same each time', () => {
    expect(textOf({ kind: 'huge', bytes: 1000 })).toBe(textOf({ kind: 'huge', bytes: 1000 }));
  });

  it('has the address or date that was asked for', () => {
    expect(eventOf({ kind: 'malformed-ip' })['ipAddress']).toBe('999.1.1.1');
    expect(Number.isNaN(Date.parse(eventOf({ kind: 'bad-date' })['date'] ?? ''))).toBe(true);
    expect(eventOf({ kind: 'no-usable-date' })).not.toHaveProperty('date');
    expect(eventOf({ kind: 'no-usable-date', variant: 'null' })['date']).toBe(null);
    expect(eventOf({ kind: 'no-usable-date', variant: 'far-future' })['date']).toMatch(/^9999-/);
  });

  it('has as many keys, as deep, as long as asked for', () => {
    expect(Object.keys(eventOf({ kind: 'keys-2000' })['request'] ?? {})).toHaveLength(2000);
    expect(
      Object.keys(eventOf({ kind: 'keys-2000', count: 50, where: 'top' })).length,
    ).toBeGreaterThanOrEqual(60);
    expect(depthOf(eventOf({ kind: 'depth-60' })['request'])).toBe(60);
    expect((eventOf({ kind: 'string-40k' })['request'] as unknown as { note: string }).note).toHaveLength(
      40_960,
    );
    expect(eventOf({ kind: 'string-40k', field: 'userName', length: 33_000 })['userName']).toHaveLength(
      33_000,
    );
    expect(textOf({ kind: 'huge', bytes: 1_000_000 }).length).toBeGreaterThan(1_000_000);
  });

  it('has __proto__ as a key of its own', () => {
    expect(Object.keys(eventOf({ kind: 'proto-key' }))).toContain('__proto__');
    expect(textOf({ kind: 'proto-key' })).toContain('"request":{"__proto__":');
  });

  it('contradicts or repeats the earlier event', () => {
    const original = JSON.parse(assemble(earlier)) as Record<string, unknown>;
    const conflict = eventOf({ kind: 'id-conflict' });
    for (const same of ['id', 'date', 'resourceType', 'action']) expect(conflict[same]).toBe(original[same]);
    expect(conflict['request']).not.toEqual(original['request']);
    expect(textOf({ kind: 'duplicate' })).toBe(assemble(earlier));
  });

  it('is poison where that was asked for', () => {
    expect(eventOf({ kind: 'poison' })['request']).toMatchObject({ poison: true });
  });

  it.each([
    ['array', ['not an event', 42]],
    ['number', 42],
    ['string', 'not an event 42'],
    ['null', null],
    ['boolean', true],
  ] as const)('of a wrong shape is %s', (variant, value) => {
    expect(JSON.parse(textOf({ kind: 'wrong-shape', variant }))).toEqual(value);
  });

  it('of a wrong shape has an id that is none', () => {
    const idOf = (variant: 'no-id' | 'id-null' | 'id-number' | 'id-empty' | 'id-long') =>
      eventOf({ kind: 'wrong-shape', variant })['id'] as unknown;
    expect(idOf('no-id')).toBeUndefined();
    expect([idOf('id-null'), idOf('id-number'), idOf('id-empty')]).toEqual([null, 42, '']);
    expect(idOf('id-long')).toHaveLength(600);
  });
});
