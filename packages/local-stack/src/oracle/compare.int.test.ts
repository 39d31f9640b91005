import { createHash, randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  bulkBody,
  bulkItem,
  defaultDateBounds,
  Elasticsearch,
  EventReader,
  eventDigest,
} from '@trunkline/elasticsearch-sink';
import { platformEvent } from '@trunkline/genesys';
import { memberTexts, splitArray } from '@trunkline/json-source';
import { type AuditShape, type Simulator, SimulatorControl, startSimulator } from '@trunkline/simulator';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { agrees, type Comparison, compareWithLedger, type Names } from './compare.ts';

const served = 250;
const context = { stream: 'default', ingestedAt: '2026-11-22T10:00:00.000Z' };

const reader = new EventReader({ prefix: 'unused-', ...defaultDateBounds, routing: 'resourceType' });

let elasticsearch: Elasticsearch;
let simulator: Simulator;
let control: SimulatorControl;
let names: Names;
let events: AuditEvent[];

beforeAll(async () => {
  elasticsearch = new Elasticsearch({
    urls: [inject('elasticsearchUrl')],
    cloudId: null,
    apiKey: null,
    username: null,
    password: null,
    caFile: null,
    timeoutMs: 30_000,
  });
  simulator = await startSimulator({ events: served, backlog: served });
  control = new SimulatorControl(simulator.url);
  events = (await serve(simulator)).map(eventOf);
});

afterAll(async () => {
  await simulator?.close();
  await elasticsearch?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  const prefix = `compare-${randomUUID()}-`;
  names = { indexPrefix: prefix, deadLetterIndex: `dead-${prefix}letters` };
  // Nothing of it is searched by its fields, and the events' own fields are many.
  for (const index of [`${prefix}a`, `${prefix}b`]) {
    await elasticsearch.ask({
      method: 'PUT',
      path: `/${index}`,
      body: { mappings: { dynamic: false } },
      what: 'create',
    });
  }
  return async () => {
    await elasticsearch.ask({ method: 'DELETE', path: `/${prefix}a,${prefix}b`, what: 'to delete' });
    await elasticsearch.ask({
      method: 'DELETE',
      path: `/${names.deadLetterIndex}`,
      what: 'to delete',
      accept: [404],
    });
  };
});

/** Polls the simulator as the fetcher does, until it is drained; the source texts of all events. */
async function serve(simulator: Simulator): Promise<string[]> {
  const form = {
    grant_type: 'client_credentials',
    client_id: 'simulator-client',
    client_secret: 'simulator-secret',
  };
  const token = await fetch(`${simulator.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const { access_token: bearer } = (await token.json()) as { access_token: string };
  const texts: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const answer = await fetch(`${simulator.url}/api/v2/eventstreams`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        eventTypes: ['auditlogs'],
        filters: [{ field: 'action', operator: 'NOT_EQUAL', value: 'LOGIN' }],
        limit: 100,
        ...(cursor === null ? {} : { cursor }),
      }),
    });
    const page = memberTexts(await answer.text());
    texts.push(...splitArray(page.get('events') ?? '', 0).elements);
    const next = JSON.parse(page.get('nextCursor') ?? 'null') as string | null;
    if (next === null) return texts;
    cursor = next;
  }
}

function eventOf(text: string): AuditEvent {
  const read = reader.read(text);
  if (read.kind === 'malformed') throw new Error('The simulator served what is no event.');
  return read.event;
}

async function store(index: string, some: readonly AuditEvent[]): Promise<void> {
  const lines = bulkBody(
    some.map((event) =>
      bulkItem({ ...event, text: event.text, index: names.indexPrefix + index }, context, 'fitting'),
    ),
  );
  const { body } = await elasticsearch.ask({ method: 'POST', path: '/_bulk', lines, what: 'to store' });
  expect(body).toMatchObject({ errors: false });
}

/** What stands in the dead-letter index of an event, as far as the comparison reads it. */
async function bury(digest: string): Promise<void> {
  await elasticsearch.ask({
    method: 'POST',
    path: `/${names.deadLetterIndex}/_doc`,
    body: { digest },
    what: 'to bury',
  });
}

function compare(): Promise<Comparison> {
  return compareWithLedger(control, elasticsearch, names);
}

const allIsWell = {
  served,
  unique: served,
  indexed: served,
  deadLettered: 0,
  missing: 0,
  twice: 0,
  altered: 0,
};

test('they agree when every event is there once', async () => {
  await store('a', events);
  const comparison = await compare();
  expect(comparison).toMatchObject(allIsWell);
  expect(agrees(comparison)).toBe(true);
});

test('an event that is nowhere is missing', async () => {
  const [lost, ...rest] = events as [AuditEvent, ...AuditEvent[]];
  await store('a', rest);
  const comparison = await compare();
  expect(comparison).toMatchObject({ ...allIsWell, indexed: served - 1, missing: 1 });
  expect(comparison.examples.missing).toEqual([lost.id]);
  expect(agrees(comparison)).toBe(false);
});

test('an event in two indices is there twice', async () => {
  await store('a', events);
  await store('b', events.slice(7, 8));
  const comparison = await compare();
  expect(comparison).toMatchObject({ ...allIsWell, twice: 1 });
  expect(comparison.examples.twice).toEqual([events[7]?.id]);
  expect(agrees(comparison)).toBe(false);
});

test('an event with one character changed is altered, not missing', async () => {
  const [event, ...rest] = events as [AuditEvent, ...AuditEvent[]];
  await store('a', [...rest, eventOf(`${event.text.slice(0, -1)} }`)]);
  const comparison = await compare();
  expect(comparison).toMatchObject({ ...allIsWell, indexed: served - 1, altered: 1 });
  expect(comparison.examples.altered).toEqual([event.id]);
  expect(agrees(comparison)).toBe(false);
});

test('what stands in the dead letters is accounted for, and nothing else is', async () => {
  const [dead, lost, ...rest] = events as [AuditEvent, AuditEvent, ...AuditEvent[]];
  await store('a', rest);
  await bury(eventDigest(dead.text));
  const comparison = await compare();
  expect(comparison).toMatchObject({ ...allIsWell, indexed: served - 2, deadLettered: 1, missing: 1 });
  expect(comparison.examples.missing).toEqual([lost.id]);
});

test('with an id that comes again with another body, and with what is no event', async () => {
  await using odd = await startSimulator({ backlog: 20, rate: 0 });
  const oddControl = new SimulatorControl(odd.url);
  const [conflict] = await oddControl.addOdd(
    'id-conflict',
    { kind: 'wrong-shape', variant: 'array' },
    'duplicate',
  );
  const texts = await serve(odd);
  expect(texts).toHaveLength(23);
  const [other = '', array = ''] = texts.slice(20);
  await store('a', texts.slice(0, 20).map(eventOf));

  const before = await compareWithLedger(oddControl, elasticsearch, names);
  expect(before).toMatchObject({ served: 23, unique: 22, indexed: 20, missing: 2, twice: 0, altered: 0 });
  expect(before.examples.missing).toEqual([eventOf(other).id, `position ${(conflict as number) + 1}`]);

  await bury(eventDigest(other));
  await bury(createHash('sha256').update(array).digest('hex'));
  const after = await compareWithLedger(oddControl, elasticsearch, names);
  expect(after).toMatchObject({ indexed: 20, deadLettered: 2, missing: 0, twice: 0, altered: 0 });
  expect(agrees(after)).toBe(true);
});

test('under the platform contract, whatever shape an event came in, and finds a value that was written anew', async () => {
  await using platform = await startSimulator({ backlog: 240, rate: 0 });
  const platformControl = new SimulatorControl(platform.url);
  await platformControl.addOdd(
    { kind: 'wrong-shape', variant: 'array' },
    { kind: 'wrong-shape', variant: 'no-id' },
    { kind: 'no-usable-date', variant: 'null' },
    'bad-date',
    'malformed-ip',
    'proto-key',
    'depth-60',
    'keys-2000',
    'id-conflict',
    'duplicate',
  );
  const texts: string[] = [];
  for (const [at, shape] of (['realtime', 'history-plain', 'download'] as AuditShape[]).entries()) {
    for await (const { n, source = '', filtered } of platformControl.events({ shape, source: true })) {
      // Sign-ins are served, and left out by the usual filter. An odd event that is the copy of another comes in its shape.
      if (n < 250 ? n % 3 !== at : at !== 0) continue;
      platform.ledger.record([n], 1, shape);
      if (!filtered) texts.push(platformEvent(Buffer.from(source)).toString());
    }
  }
  const compared = () => compareWithLedger(platformControl, elasticsearch, names, 'platform');
  const read = texts.map((text) => reader.read(text));
  const stored = read.flatMap((one) => (one.kind === 'event' ? one.event : []));
  const conflicts = stored.filter(({ text }) => text.includes('"conflictsAt"'));
  const whole = stored.filter(({ id }, at) => stored.findIndex((other) => other.id === id) === at);
  const conflicting = conflicts.filter((event) => !whole.includes(event));
  for (const one of read) if (one.kind === 'malformed') await bury(one.digest);
  for (const { digest } of conflicting) await bury(digest);
  await store('a', whole);
  const agreed = await compared();
  expect(agreed).toMatchObject({ indexed: whole.length, missing: 0, twice: 0, altered: 0 });
  expect(agreed.deadLettered).toBe(2 + conflicting.length);
  expect(agrees(agreed)).toBe(true);

  const number = whole.find(({ text }) => /"sequence":\d{18}/.test(text)) as AuditEvent;
  const rounded = number.text.replace(
    /"sequence":(\d+)/,
    (_, digits: string) => `"sequence":${Number(digits)}`,
  );
  await elasticsearch.ask({
    method: 'DELETE',
    path: `/${names.indexPrefix}a/_doc/${number.id}`,
    query: { refresh: true, ...(number.routing === null ? {} : { routing: number.routing }) },
    what: 'to delete',
  });
  expect(await compared()).toMatchObject({ missing: 1, altered: 0, examples: { missing: [number.id] } });
  await store('a', [eventOf(rounded)]);
  expect(await compared()).toMatchObject({ missing: 0, altered: 1, examples: { altered: [number.id] } });
});
