import { AUDIT_INDEX } from '@trunkline/contracts';
import { isSameEvent, refresh } from '@trunkline/elasticsearch-sink';
import {
  type AuditSource,
  auditSources,
  connectionSettings,
  GenesysConnection,
  platformEvent,
} from '@trunkline/genesys';
import { loadSettings, openQueue } from '@trunkline/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkReconcile, reconcileSettings } from '../config.ts';
import { Deployment, type TakenPage, until } from '../deployment.fixture.ts';
import { SimulatorProcess } from '../simulator.fixture.ts';
import { WorkspaceProcess } from '../workspace-process.fixture.ts';
import type { ReconcileReport } from './report.ts';

const hourMs = 3_600_000;
const overlapMs = 45 * 60_000;

let simulator: SimulatorProcess;
let tailPages: TakenPage[];
let uncoveredPages: TakenPage[];
let texts: string[];
let deployment: Deployment;

function deploymentOf(of: SimulatorProcess): Deployment {
  return new Deployment(of, { GENESYS_CONTRACT: 'platform', GENESYS_LOGIN_BASE: of.url });
}

/** The pages that a fetcher reads of a stream, from its beginning to its head. */
async function pagesOf(source: AuditSource): Promise<TakenPage[]> {
  const pages: TakenPage[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await source.nextPage(cursor, AbortSignal.timeout(60_000));
    if (page.nextCursor !== null) {
      pages.push({ before: cursor, after: page.nextCursor, texts: page.eventTexts });
      cursor = page.nextCursor;
    }
    if (page.atHead) return pages;
  }
}

beforeAll(async () => {
  simulator = await SimulatorProcess.start({
    SIMULATOR_RATE_LIMIT: '1000000',
    SIMULATOR_AUDITS: JSON.stringify({ querySeconds: 0, lateShare: 0 }),
  });
  // Everything lies where all has appeared.
  await simulator.control('clock', { shiftSeconds: 2 * 3_600 });
  await using place = deploymentOf(simulator);
  const config = loadSettings(reconcileSettings, place.env, checkReconcile);
  const settings = connectionSettings(config.genesys, config.audit);
  const shared = { redis: null, keyPrefix: '', onWait: () => {} };
  await using connection = new GenesysConnection(settings, shared);
  const sources = auditSources({
    ...shared,
    contract: 'platform',
    connection,
    settings,
    overlapMs,
    historyEveryMs: hourMs,
    tell: () => {},
  });
  tailPages = await pagesOf(sources.tail('default'));
  uncoveredPages = await pagesOf(sources.uncovered('default') as AuditSource);
  texts = [...tailPages, ...uncoveredPages].flatMap((page) => page.texts);
});

afterAll(async () => {
  await simulator?.[Symbol.asyncDispose]();
});

beforeEach(async () => {
  deployment = deploymentOf(simulator);
});

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
  await simulator.control('audits', { inlineRows: 10_000, fileRows: 20_000 });
});

async function indexAll(): Promise<void> {
  await deployment.index(tailPages);
  await deployment.index(uncoveredPages, 'default.history');
}

/** From here on the source gives the events in another shape: downloaded, without names of users. */
async function giveDownloads(): Promise<void> {
  await simulator.control('audits', { inlineRows: 0, fileRows: 60 });
}

async function reconcile(
  more: { from?: number; to?: number; args?: string[] } = {},
): Promise<{ code: number; report: ReconcileReport; err: string }> {
  const from = new Date(more.from ?? Date.now() - 7 * hourMs).toISOString();
  const to = new Date(more.to ?? Date.now()).toISOString();
  const args = ['reconcile', 'audit', '--from', from, '--to', to, '--json', ...(more.args ?? [])];
  const { code, out, err } = await deployment.run(args);
  if (out === '') throw new Error(`exit code ${code}: ${err}`);
  return { code, report: JSON.parse(out) as ReconcileReport, err };
}

const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id;
const nothing = { missing: [], duplicated: [], altered: [], extra: [] };
const at = (n: number): string => texts.at(n) as string;

test('what realtime queries and the history of other services brought is proven whole by the history', async () => {
  await indexAll();
  expect(uncoveredPages.flatMap((page) => page.texts).length).toBeGreaterThan(0);
  const { code, report } = await reconcile();
  expect(report).toMatchObject({
    ...nothing,
    source: { events: 250 },
    sink: { documents: 250 },
    accounted: { notYetDue: 0, filtered: 0, otherStreams: 0, deadLettered: 0 },
    unchecked: null,
    problems: [],
  });
  expect(code).toBe(0);
});

describe('in another shape than it was indexed in', () => {
  beforeEach(async () => {
    await indexAll();
    await giveDownloads();
  });

  test('everything is still found whole', async () => {
    const { code, report } = await reconcile();
    expect(report).toMatchObject({ ...nothing, source: { events: 250 }, sink: { documents: 250 } });
    expect(code).toBe(0);
  });

  test('what is wrong is named, and nothing else', async () => {
    const [removed, changed, moved, made] = [at(3), at(50), at(-5), at(100)];
    await deployment.remove(removed);
    await deployment.tamper(changed, (source) => source.replace(/"action":"[^"]*"/, '"action":"Nothing"'));
    await deployment.tamper(moved, (source) =>
      source.replace(/"date":"[^"]*"/, '"date":"2020-01-01T00:00:00Z"'),
    );
    // No download tells the name, so that nothing but the digest beside it gives this away.
    const renamed = texts.slice(60, 90).find((text) => text.includes('"userName":"')) as string;
    await deployment.tamper(renamed, (source) => source.replace(/"userName":"[^"]*"/, '"userName":"Nobody"'));
    await deployment.store([made.replace(idOf(made), 'made-up')]);
    const { code, report } = await reconcile();
    expect(report.missing.map(({ id }) => id)).toEqual([idOf(removed)]);
    expect(report.altered.map(({ id, what }) => [id, what]).sort()).toEqual(
      [idOf(changed), idOf(moved), idOf(renamed)].map((id) => [id, 'content']).sort(),
    );
    expect(report).toMatchObject({ duplicated: [], extra: [{ id: 'made-up' }] });
    expect(code).toBe(1);
  });

  test('a dead letter of an event accounts for it', async () => {
    const text = at(20);
    const { id, digest } = deployment.event(text);
    await deployment.remove(text);
    const letter = { field: null, errorType: null, eventId: id, digest, text };
    const deadLetteredAt = new Date().toISOString();
    await deployment.letters.put([
      { ...letter, stream: 'default.history', code: 'AUDIT_EVENT_REFUSED', deadLetteredAt },
    ]);
    const { code, report } = await reconcile();
    expect(report).toMatchObject({ ...nothing, accounted: { deadLettered: 1 } });
    expect(code).toBe(0);
  });

  test('--repair queues what is missing, and an indexer brings it back', async () => {
    const lost = [at(7), at(8), at(-1)];
    for (const text of lost) await deployment.remove(text);
    const { report } = await reconcile({ args: ['--repair'] });
    expect(report.missing.map(({ id }) => id).sort()).toEqual(lost.map(idOf).sort());
    expect(report.repair).toEqual({ events: 3, jobs: 1, alreadyQueued: 0, gone: [] });
    await using _indexer = new WorkspaceProcess('indexer', deployment.env);
    const queue = openQueue(deployment.name, AUDIT_INDEX, deployment.redis);
    await until('the repair is done', async () => {
      const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'failed');
      return Object.values(counts).every((count) => count === 0);
    });
    await queue.close();
    const after = await reconcile();
    expect(after.report).toMatchObject({ ...nothing, sink: { documents: 250 } });
    expect(after.code).toBe(0);
  });
});

describe('what is not due', () => {
  test('is what is dated behind the marks of the indexed cursors, each service by the stream that reads it', async () => {
    // The stream stands before its first complete pass; the other services are indexed, but for one event.
    await deployment.index(tailPages.slice(0, 1));
    await deployment.index(uncoveredPages, 'default.history');
    const lost = uncoveredPages.flatMap((page) => page.texts)[0] as string;
    await deployment.remove(lost);
    const { code, report } = await reconcile();
    expect(report.missing.map(({ id }) => id)).toEqual([idOf(lost)]);
    expect(report.accounted.notYetDue).toBe(tailPages.slice(1).flatMap((page) => page.texts).length);
    expect(code).toBe(1);
  });

  test('is nothing where a stream has no state that this contract has written', async () => {
    await deployment.take({ before: null, after: 'a cursor of the guide', texts: texts.slice(0, 1) }, true);
    const { code, report } = await reconcile();
    expect(report.accounted.notYetDue).toBe(250);
    expect(report.problems).toEqual([expect.stringContaining('its contract has written')]);
    expect(code).toBe(2);
  });
});

test('gap records of both streams are settled, and what lies a year back cannot be compared', async () => {
  await indexAll();
  const gap = { from: new Date(Date.now() - 5 * hourMs).toISOString(), reason: 'cursor-expired' };
  const record = { ...gap, id: 'g', to: new Date(Date.now() - 4 * hourMs).toISOString(), at: gap.from };
  await deployment.records.writeGapRecord('default', record);
  await deployment.records.writeGapRecord('default.history', record);
  await refresh(deployment.elasticsearch, deployment.env['STATE_INDEX'] as string);
  const { code, report } = await reconcile({ from: Date.now() - 400 * 24 * hourMs });
  expect(report.gaps.map(({ stream, verdict }) => [stream, verdict])).toEqual([
    ['default', 'complete'],
    ['default.history', 'complete'],
  ]);
  expect(report).toMatchObject({ ...nothing, unchecked: { documents: 0 } });
  expect(code).toBe(2);
});

test('each event of the ledger, in every shape that the platform has, is one document', async () => {
  const shapes = ['realtime', 'realtime-plain', 'download', 'event-bridge'];
  const sources: string[][] = [];
  for (const shape of shapes) {
    const answer = await fetch(`${simulator.url}/_simulator/ledger/events?source=1&shape=${shape}`);
    const lines = (await answer.text()).trim().split('\n');
    sources.push(lines.map((line) => (JSON.parse(line) as { source: string }).source));
  }
  expect(sources.every(({ length }) => length > 250)).toBe(true);
  const [realtime, ...others] = sources.map((list) =>
    list.map((source) => platformEvent(Buffer.from(source)).toString()),
  ) as [string[], ...string[][]];
  for (const other of others) {
    for (const [n, text] of other.entries()) {
      expect(deployment.event(text)).toMatchObject({
        id: deployment.event(realtime[n] as string).id,
        index: deployment.event(realtime[n] as string).index,
        routing: deployment.event(realtime[n] as string).routing,
      });
      expect(isSameEvent(realtime[n] as string, text)).toBe(true);
    }
  }
});
