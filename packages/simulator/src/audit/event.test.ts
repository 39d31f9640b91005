import { describe, expect, it } from 'vitest';
import { assemble, EventWriter } from './event.ts';
import { seedFrom } from './random.ts';

const COUNT = 20_000;
const START = Date.parse('2026-03-14T15:00:00.000Z');
const write = (seed: string, ordinal: number) =>
  assemble(new EventWriter(seedFrom(seed)).write(ordinal, START + ordinal));

const writer = new EventWriter(seedFrom('variety'));
const texts = Array.from({ length: COUNT }, (_, ordinal) => assemble(writer.write(ordinal, START + ordinal)));
const events = texts.map((text) => JSON.parse(text) as Record<string, unknown>);
const distinct = (field: string) => new Set(events.map((event) => event[field]));

describe('a regular event', () => {
  it('is the same for the same seed, ordinal and date, and another for another seed', () => {
    for (const ordinal of [0, 1, 7_777, 2 ** 33]) {
      expect(write('a', ordinal)).toBe(write('a', ordinal));
      expect(write('a', ordinal)).not.toBe(write('b', ordinal));
    }
  });

  it('has a UUID that no other has', () => {
    expect(distinct('id').size).toBe(COUNT);
    for (const id of distinct('id')) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('tells its date to the millisecond, at times with another offset', () => {
    for (const [ordinal, event] of events.entries())
      expect(Date.parse(event['date'] as string)).toBe(START + ordinal);
    expect(texts.filter((text) => text.includes('+02:00"')).length).toBeGreaterThan(COUNT / 50);
  });

  it('is 768 bytes on average, give or take', () => {
    const mean = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / COUNT;
    expect(mean).toBeGreaterThan(730);
    expect(mean).toBeLessThan(810);
  });

  it('comes in many kinds', () => {
    expect(distinct('resourceType').size).toBeGreaterThanOrEqual(20);
    expect(distinct('action').size).toBeGreaterThanOrEqual(12);
    expect(distinct('userName').size).toBeGreaterThan(300);
    expect(events.filter(({ action }) => action === 'LOGIN')).toHaveLength(COUNT / 25);
    for (const field of ['userId', 'userName', 'resourceId', 'ipAddress', 'request', 'response']) {
      expect(distinct(field), field).toContain(null);
    }
  });

  it('has IPv4 and IPv6 addresses, and malformed ones', () => {
    const addresses = [...distinct('ipAddress')].map(String);
    expect(addresses.some((address) => /^198\.1[89]\.\d+\.\d+$/.test(address))).toBe(true);
    expect(addresses.some((address) => /^2001:db8:/i.test(address))).toBe(true);
    for (const malformed of ['198.18.0.256', 'unknown', '']) expect(addresses).toContain(malformed);
  });

  it('carries numbers and characters that a careless client would change', () => {
    const all = texts.join('\n');
    for (const literal of [
      '9007199254740993',
      '0.1000000000000000055511151231257827',
      '6.02214076e+23',
      '1.50E-9',
      '-0',
      'caf\u00e9 \u2615',
      'caf\\u00e9 \\ud83c\\udf0d',
      'Europe\\/Berlin',
      '\u2028',
    ]) {
      expect(all, literal).toContain(literal);
    }
    expect(events.some((event) => 'sequence' in event)).toBe(true);
  });
});
