import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dailyIndex, dayOfIndex, defaultDateBounds, IndexNames, instantOf } from './index-name.ts';

const names = new IndexNames({ prefix: 'genesys-audit-', ...defaultDateBounds });

describe('the index of an event', () => {
  test.each<[unknown, string]>([
    ['2026-11-22T23:59:59.999Z', 'genesys-audit-2026.11.22'],
    ['2026-11-22T23:30:00-05:00', 'genesys-audit-2026.11.23'],
    ['2026-11-23T00:30:00+0100', 'genesys-audit-2026.11.22'],
    ['2026-11-23T00:30:00+01', 'genesys-audit-2026.11.22'],
    ['2026-11-22', 'genesys-audit-2026.11.22'],
    ['2026-11-22T08', 'genesys-audit-2026.11.22'],
    ['2026-11-22T08:00:00,123456789', 'genesys-audit-2026.11.22'],
    [1_795_305_600_000, 'genesys-audit-2026.11.22'],
    ['1795305600000', 'genesys-audit-2026.11.22'],
    ['2028-02-29T00:00:00Z', 'genesys-audit-2028.02.29'],
    ['2010-01-01T00:00:00Z', 'genesys-audit-2010.01.01'],
    ['2099-12-31T23:59:59Z', 'genesys-audit-2099.12.31'],
  ])('dated %s is %s', (date, index) => {
    expect(names.of(date)).toBe(index);
  });

  test.each<[unknown]>([
    ['yesterday'],
    [''],
    [null],
    [undefined],
    [{ date: '2026-11-22' }],
    [['2026-11-22']],
    [true],
    ['2026-02-30T00:00:00Z'],
    ['2026-13-01'],
    ['2026-11-22T24:00:00Z'],
    ['2026-11-22T10:61:00Z'],
    ['2026-11-22 10:00:00'],
    ['2026-11-22T10:00:00+19:00'],
    ['2026'],
    ['2009-12-31T23:59:59.999Z'],
    ['2100-01-01T00:00:00Z'],
    [0],
    [1.5],
    [Number.NaN],
    [1e300],
    ['99999999999999999999'],
  ])('dated %j is the undated one', (date) => {
    expect(names.of(date)).toBe('genesys-audit-undated');
  });

  test('does not depend on how the same instant is written', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2010-01-02'), max: new Date('2099-12-30'), noInvalidDate: true }),
        fc.integer({ min: -18 * 60, max: 18 * 60 }),
        (instant, offset) => {
          const local = new Date(instant.getTime() + offset * 60_000).toISOString().slice(0, -1);
          const absolute = Math.abs(offset);
          const hours = String(Math.floor(absolute / 60)).padStart(2, '0');
          const minutes = String(absolute % 60).padStart(2, '0');
          const written = `${local}${offset < 0 ? '-' : '+'}${hours}:${minutes}`;
          expect(instantOf(written)).toBe(instant.getTime());
          expect(names.of(written)).toBe(names.of(instant.getTime()));
          expect(names.of(String(instant.getTime()))).toBe(names.of(instant.toISOString()));
        },
      ),
    );
  });
});

describe('the day of an index', () => {
  test('is read back from its name', () => {
    const day = Date.UTC(2026, 10, 22);
    expect(dayOfIndex('genesys-audit-', dailyIndex('genesys-audit-', day + 5))).toBe(day);
  });

  test.each([
    'genesys-audit-undated',
    'genesys-audit-2026.02.30',
    'genesys-audit-2026.11.22-000001',
    'genesys-audit-logs',
    'other-2026.11.22',
    'restored-genesys-audit-2026.11.22',
  ])('is none for %s', (index) => {
    expect(dayOfIndex('genesys-audit-', index)).toBeNull();
  });
});
