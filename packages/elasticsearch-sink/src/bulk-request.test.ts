import { expect, test } from 'vitest';
import { type AuditEvent, EventReader } from './audit-event.ts';
import { bulkBody, bulkItem } from './bulk-request.ts';
import { defaultDateBounds } from './index-name.ts';

const reader = new EventReader({ prefix: 'audit-', ...defaultDateBounds, routing: 'resourceType' });
const context = { stream: 's', ingestedAt: '2026-11-22T10:00:00.000Z' };

function eventOf(text: string): AuditEvent {
  const read = reader.read(text);
  if (read.kind === 'malformed') throw new Error('no event');
  return read.event;
}

test('each item is two lines: what is created where, and the document', () => {
  const plain = eventOf('{"id":"a\\"b","date":"2026-11-22","n":1.0}');
  const routed = eventOf('{\n"id":"c",\r\n"resourceType":"Flow"\n}');
  const body = bulkBody([bulkItem(plain, context, 'fitting'), bulkItem(routed, context, 'fitting')]);
  const lines = body.toString().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('{"create":{"_index":"audit-2026.11.22","_id":"a\\"b"}}');
  expect(lines[1]).toMatch(/"id":"a\\"b","date":"2026-11-22","n":1\.0}$/);
  expect(lines[2]).toBe('{"create":{"_index":"audit-undated","_id":"c","routing":"Flow"}}');
  expect(JSON.parse(lines[3] as string)).toMatchObject({ id: 'c', resourceType: 'Flow' });
  expect(lines[4]).toBe('');
});

test('characters of every length arrive as UTF-8', () => {
  const text = '{"id":"é漢😀","date":"2026-11-22","note":"\\ud83d"}';
  const body = bulkBody([bulkItem(eventOf(text), context, 'fitting')]);
  expect(body.toString('utf8').split('\n')[1]).toMatch(/"id":"é漢😀","date":"2026-11-22","note":"\\ud83d"}$/);
});

test('the size of an item is told well enough, rather too large than too small', () => {
  const event = eventOf(JSON.stringify({ id: 'x', note: 'n'.repeat(10_000) }));
  for (const form of ['fitting', 'bare'] as const) {
    const item = bulkItem(event, context, form);
    const bytes = bulkBody([item]).length;
    expect(item.bytes).toBeGreaterThan(bytes - 300);
    expect(item.bytes).toBeLessThan(2 * bytes + 300);
  }
});
