import { describe, expect, it } from 'vitest';
import { seedFrom } from '../../audit/random.ts';
import { Schedule } from '../../audit/schedule.ts';
import { AuditStream } from '../../audit/stream.ts';
import { PLATFORM_SHAPES, type PlatformShape } from './audit-shape.ts';
import { Renditions } from './renditions.ts';

const NOW = Date.parse('2026-03-14T15:00:00.000Z');
const COUNT = 5_000;
const stream = new AuditStream(
  seedFrom('shapes'),
  Schedule.begin({ backlog: COUNT, backlogMs: 3_600_000, nowMs: NOW, rate: 0, boundOrdinal: null }),
);
const renditions = new Renditions(stream);
type Row = Record<string, unknown>;
const texts = (shape: PlatformShape) =>
  Array.from({ length: COUNT }, (_, n) => renditions.rendition(n, shape).source);
const rows = (shape: PlatformShape) => texts(shape).map((text) => JSON.parse(text) as Row);
const realtime = rows('realtime');

describe('the platform', () => {
  it('tells the same event as the guide, dated to the second', () => {
    for (const [n, row] of realtime.entries()) {
      const guide = JSON.parse(stream.event(n).source) as Record<string, string | null>;
      expect(row['id']).toBe(guide['id']);
      const ms = Date.parse(guide['date'] ?? '');
      expect(row['eventDate']).toBe(`${new Date(ms - (ms % 1000)).toISOString().slice(0, 19)}Z`);
      expect((row['user'] as Row | undefined)?.['id'] ?? null).toBe(guide['userId']);
    }
  });

  it('tells the same for the same seed and position, whatever was asked for before', () => {
    const other = new Renditions(new AuditStream(seedFrom('shapes'), stream.schedule));
    for (const shape of PLATFORM_SHAPES) {
      expect(other.rendition(COUNT - 7, shape)).toEqual(renditions.rendition(COUNT - 7, shape));
    }
  });

  it('leaves each member but the id out somewhere, and has each somewhere', () => {
    const members = [
      'userHomeOrgId',
      'user',
      'client',
      'remoteIp',
      'message',
      'entity',
      'status',
      'application',
      'initiatingAction',
      'transactionInitiator',
      'propertyChanges',
      'entityChanges',
      'context',
    ];
    for (const member of members) {
      const having = realtime.filter((row) => member in row).length;
      expect([member, having > 0 && having < COUNT]).toEqual([member, true]);
    }
    expect(realtime.every(({ id, eventDate, action }) => id && eventDate && action)).toBe(true);
    const odd = [{ client: { id: '' } }, { application: '' }, { initiatingAction: {} }, { remoteIp: [] }];
    for (const seen of odd) expect(realtime).toContainEqual(expect.objectContaining(seen));
  });

  it('has several addresses, levels, states, services, numbers beyond doubles, and signs people in', () => {
    const distinct = (name: string) => new Set(realtime.map((row) => row[name]));
    expect(distinct('level')).toEqual(new Set(['USER', 'SYSTEM', 'GENESYS_INTERNAL']));
    expect(distinct('status')).toEqual(new Set(['SUCCESS', 'FAILURE', 'WARNING', undefined]));
    expect(distinct('serviceName').size).toBeGreaterThan(10);
    for (const action of ['Authenticate', 'AuthenticationFailed', 'Create', 'Delete'])
      expect(distinct('action')).toContain(action);
    expect(realtime.some(({ remoteIp }) => Array.isArray(remoteIp) && remoteIp.length === 3)).toBe(true);
    expect(texts('realtime').some((text) => /"sequence":\d{18}\b/.test(text))).toBe(true);
    expect(texts('realtime').some((text) => text.includes('"9007199254740993"'))).toBe(true);
  });

  it('tells the same in every shape, as far as the shape goes', () => {
    expect(texts('history')).toEqual(texts('realtime'));
    const plain = rows('realtime-plain');
    const files = rows('download');
    const envelopes = rows('event-bridge').map(({ detail }) => (detail as { eventBody: Row }).eventBody);
    for (const [n, row] of realtime.entries()) {
      const { name, ...user } = (row['user'] ?? {}) as Row;
      expect(plain[n]).toEqual(row['user'] === undefined ? row : { ...row, user });
      const { eventDate, ...rest } = plain[n] as Row;
      expect(files[n]).toEqual({ ...rest, eventTime: eventDate });
      const body = envelopes[n] as Row;
      expect(body).toMatchObject({ id: row['id'], eventTime: eventDate, action: row['action'] });
      expect([body['userId'], body['userDisplay']]).toEqual([user['id'], name]);
      expect(body['propertyChanges']).toEqual(row['propertyChanges']);
      expect(body).not.toHaveProperty('entityChanges');
    }
  });
});

describe('an odd event on the platform', () => {
  const odd = new AuditStream(
    seedFrom('odd'),
    Schedule.begin({ backlog: 50, backlogMs: 60_000, nowMs: NOW, rate: 0, boundOrdinal: null }),
  );
  const shown = new Renditions(odd);
  const put = (input: Parameters<AuditStream['insert']>[0]) =>
    shown.rendition(odd.insert(input, NOW), 'realtime').source;

  it('is as odd as the guide has it', () => {
    expect(JSON.parse(put({ kind: 'malformed-ip', value: 'nowhere' }))).toMatchObject({
      remoteIp: expect.arrayContaining(['nowhere']),
    });
    expect(JSON.parse(put({ kind: 'bad-date', value: 'soon' }))).toMatchObject({ eventDate: 'soon' });
    expect(JSON.parse(put({ kind: 'no-usable-date', variant: 'missing' }))).not.toHaveProperty('eventDate');
    expect(
      Object.keys(
        (JSON.parse(put({ kind: 'keys-2000', count: 50, where: 'request' })) as { context: Row }).context,
      ),
    ).toHaveLength(50);
    expect(
      Object.keys(JSON.parse(put({ kind: 'keys-2000', count: 50, where: 'top' })) as Row).length,
    ).toBeGreaterThan(50);
    expect(put({ kind: 'depth-60', depth: 60 })).toContain('{"down":'.repeat(60));
    expect(put({ kind: 'string-40k', length: 5_000, field: 'action' }).length).toBeGreaterThan(5_000);
    expect(put({ kind: 'string-40k', length: 5_000, field: 'userName' })).toContain('"name":"long string');
    expect(put({ kind: 'proto-key' })).toContain('"__proto__":{"polluted":true}');
    expect(put({ kind: 'huge', bytes: 20_000 }).length).toBeGreaterThan(20_000);
    expect(put({ kind: 'poison' })).toContain('"poison":true');
    expect(put({ kind: 'wrong-shape', variant: 'array' })).toMatch(/^\["not an event"/);
    expect(JSON.parse(put({ kind: 'wrong-shape', variant: 'no-id' }))).not.toHaveProperty('id');
    expect(put({ kind: 'duplicate', of: 7 })).toBe(shown.rendition(7, 'realtime').source);
    const conflict = JSON.parse(put({ kind: 'id-conflict', of: 7 })) as Row;
    const { id, eventDate, action } = JSON.parse(shown.rendition(7, 'realtime').source) as Row;
    expect(conflict).toMatchObject({ id, eventDate, action, context: { conflictsAt: expect.any(Number) } });
  });
});
