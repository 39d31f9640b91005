import { hash } from 'node:crypto';
import { AUDIT_INDEX } from '@trunkline/contracts';
import { bulkItem, dailyIndex, type NewDeadLetter, refresh } from '@trunkline/elasticsearch-sink';
import { connectionSettings, EventStreamsSource, GenesysConnection, guideFilter } from '@trunkline/genesys';
import { loadSettings, openQueue } from '@trunkline/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkReconcile, reconcileSettings } from '../config.ts';
import { Deployment, type TakenPage, until } from '../deployment.fixture.ts';
import { SimulatorProcess } from '../simulator.fixture.ts';
import { Progress } from '../terminal/progress.ts';
import { WorkspaceProcess } from '../workspace-process.fixture.ts';
import { GuideReading } from './guide-reading.ts';
import { reconcile as reconcileRange } from './reconcile.ts';
import type { ReconcileReport } from './report.ts';

const hourMs = 3_600_000;

let simulator: SimulatorProcess;
let pages: TakenPage[];
let texts: string[];
let deployment: Deployment;

beforeAll(async () => {
  simulator = await SimulatorProcess.start();
  pages = await simulator.pages();
  texts = pages.flatMap((page) => page.texts);
});

afterAll(async () => {
  await simulator?.[Symbol.asyncDispose]();
});

beforeEach(() => {
  deployment = new Deployment(simulator);
});

afterEach(async () => {
  await deployment[Symbol.asyncDispose]();
});

interface Reconciled {
  code: number;
  report: ReconcileReport;
  err: string;
}

async function reconcile(
  more: { from?: number; to?: number; args?: string[]; env?: Record<string, string> } = {},
): Promise<Reconciled> {
  const from = new Date(more.from ?? Date.now() - 7 * hourMs).toISOString();
  const to = new Date(more.to ?? Date.now()).toISOString();
  const args = ['reconcile', 'audit', '--from', from, '--to', to, '--json', ...(more.args ?? [])];
  const { code, out, err } = await deployment.run(args, more.env);
  if (out === '') throw new Error(`exit code ${code}: ${err}`);
  return { code, report: JSON.parse(out) as ReconcileReport, err };
}

const idOf = (text: string): string => (JSON.parse(text) as { id: string }).id;
const dateOf = (text: string): number => Date.parse((JSON.parse(text) as { date: string }).date);
const at = (n: number): string => texts.at(n) as string;

function letterOf(text: string, more: Partial<NewDeadLetter> = {}): NewDeadLetter {
  const { id, digest } = deployment.event(text);
  return {
    stream: 'default',
    code: 'AUDIT_EVENT_REFUSED',
    field: null,
    errorType: null,
    eventId: id,
    digest,
    deadLetteredAt: new Date().toISOString(),
    text,
    ...more,
  };
}

const nothing = { missing: [], duplicated: [], altered: [], extra: [] };

describe('a range that is whole', () => {
  test('is proven so, with every event counted, and the state of the stream untouched', async () => {
    await deployment.index(pages);
    const before = await deployment.redis.hgetall(deployment.stream.keys.state);
    const { code, report, err } = await reconcile();
    expect(report).toMatchObject({
      ...nothing,
      source: { events: 250, repeated: 0 },
      sink: { documents: 250 },
      accounted: { deadLettered: 0, filtered: 0, notYetDue: 0 },
      watermark: { seq: pages.length, behind: 0 },
      problems: [],
      unchecked: null,
    });
    expect(code).toBe(0);
    expect(err).toContain('Reading the source');
    expect(await deployment.redis.hgetall(deployment.stream.keys.state)).toEqual(before);
  });

  test('counts events at its bounds: the beginning belongs to it, the end does not', async () => {
    await deployment.index(pages);
    const { code, report } = await reconcile({ from: dateOf(at(50)), to: dateOf(at(60)) });
    expect(report).toMatchObject({ ...nothing, source: { events: 10 }, sink: { documents: 10 } });
    expect(code).toBe(0);
  });

  test('is told to people in words', async () => {
    await deployment.index(pages);
    const args = ['--from', new Date(dateOf(at(0))).toISOString(), '--to', new Date().toISOString()];
    const { code, out } = await deployment.run(['reconcile', 'audit', ...args]);
    expect(out).toContain('All well: every event stands in Elasticsearch once, as it was read.');
    expect(code).toBe(0);
  });
});

describe('what is wrong is named, and nothing else', () => {
  beforeEach(async () => {
    await deployment.index(pages);
  });

  test('an event that was removed is missing', async () => {
    await deployment.remove(at(120));
    const { code, report } = await reconcile();
    const { id, digest } = deployment.event(at(120));
    const date = new Date(dateOf(at(120))).toISOString();
    expect(report).toMatchObject({ ...nothing, missing: [{ id, digest, date }] });
    expect(code).toBe(1);
  });

  test('an event in which one digit beyond 2^53 was changed is altered', async () => {
    const text = texts.find((each) => /\d{18}/.test(each)) as string;
    await deployment.tamper(text, (source) =>
      source.replace(/\d{18}/, (digits) => digits.slice(0, -1) + ((Number(digits.at(-1)) + 1) % 10)),
    );
    const { code, report } = await reconcile();
    const { id, index } = deployment.event(text);
    expect(report).toMatchObject({ ...nothing, altered: [{ id, index, what: 'content' }] });
    expect(code).toBe(1);
  });

  test('an event whose date was changed out of the range is altered, not missing', async () => {
    await deployment.tamper(at(30), (source) =>
      source.replace(/"date":"[^"]*"/, '"date":"2020-01-01T00:00:00Z"'),
    );
    const { report } = await reconcile();
    const { id, index } = deployment.event(at(30));
    expect(report).toMatchObject({ ...nothing, altered: [{ id, index, what: 'content' }] });
  });

  test('an event that stands in two indices is duplicated', async () => {
    const event = deployment.event(at(7));
    const elsewhere = { ...event, index: dailyIndex(deployment.env['AUDIT_INDEX_PREFIX'] as string, 0) };
    await deployment.sink.bulk([
      bulkItem(elsewhere, { stream: 'default', ingestedAt: '2026-11-22T10:00:00.000Z' }, 'fitting'),
    ]);
    const { code, report } = await reconcile();
    expect(report.duplicated).toHaveLength(1);
    expect(report).toMatchObject({ ...nothing, duplicated: [{ id: event.id }] });
    expect(new Set(report.duplicated[0]?.indices)).toEqual(new Set([event.index, elsewhere.index]));
    expect(code).toBe(1);
  });

  test('an event that stands twice in one index, under another routing, is duplicated', async () => {
    const event = deployment.event(at(8));
    await deployment.ask('PUT', `/${deployment.name}-audit-2001.01.01`, {
      settings: { number_of_shards: 2, number_of_replicas: 0 },
      mappings: { dynamic: false, properties: { date: { type: 'date' } } },
    });
    const index = `${deployment.name}-audit-2001.01.01`;
    await deployment.remove(at(8));
    for (const routing of ['a', 'b', 'c', 'd', 'e']) {
      const item = bulkItem(
        { ...event, index, routing },
        { stream: 'default', ingestedAt: '2026-11-22T10:00:00.000Z' },
        'fitting',
      );
      await deployment.sink.bulk([item]);
    }
    const { report } = await reconcile();
    expect(report).toMatchObject({ ...nothing, duplicated: [{ id: event.id, indices: [index, index] }] });
  });

  test('a document that Genesys never gave is extra', async () => {
    const made = at(9).replace(idOf(at(9)), 'made-up');
    await deployment.store([made]);
    const { code, report } = await reconcile();
    expect(report).toMatchObject({
      ...nothing,
      extra: [{ id: 'made-up', index: deployment.event(made).index }],
    });
    expect(code).toBe(1);
  });

  test('all of it at once, each by its own name', async () => {
    await deployment.remove(at(1));
    await deployment.remove(at(249));
    await deployment.tamper(at(2), (source) => source.replace('"action":"', '"action":"X'));
    await deployment.store([at(3).replace(idOf(at(3)), 'made-up')]);
    const { code, report } = await reconcile();
    expect(report.missing.map(({ id }) => id).sort()).toEqual([idOf(at(1)), idOf(at(249))].sort());
    expect(report).toMatchObject({
      duplicated: [],
      altered: [{ id: idOf(at(2)) }],
      extra: [{ id: 'made-up' }],
    });
    expect(code).toBe(1);
  });
});

describe('what is accounted for', () => {
  test('pages that are received and not indexed yet are not due', async () => {
    const last = pages.at(-1) as TakenPage;
    await deployment.index(pages.slice(0, -1));
    await deployment.take(last, false);
    const { code, report } = await reconcile();
    expect(report).toMatchObject({
      ...nothing,
      accounted: { notYetDue: last.texts.length },
      watermark: { behind: 1 },
    });
    expect(code).toBe(0);
  });

  test('what was lost below the watermark is missing all the same', async () => {
    await deployment.index(pages.slice(0, -1));
    await deployment.take(pages.at(-1) as TakenPage, false);
    await deployment.remove(at(5));
    const { code, report } = await reconcile();
    expect(report.missing.map(({ id }) => id)).toEqual([idOf(at(5))]);
    expect(code).toBe(1);
  });

  test('dead letters that wait for a person or were discarded are, those that were indexed after all are not', async () => {
    const set = new Set([at(10), at(11), at(12)]);
    for (const page of pages) {
      await deployment.store(page.texts.filter((text) => !set.has(text)));
      await deployment.take(page, true);
    }
    await deployment.letters.put([...set].map((text) => letterOf(text)));
    const now = new Date().toISOString();
    await deployment.letters.discard(idOf(at(11)), 'a test', now, 'ops');
    await deployment.letters.markRequeued(idOf(at(12)), now, null);
    const { code, report } = await reconcile();
    expect(report).toMatchObject({ ...nothing, missing: [{ id: idOf(at(12)) }] });
    expect(report.accounted.deadLettered).toBe(2);
    expect(code).toBe(1);
  });

  test('documents that today’s filter leaves out, and those of other streams, are not extra', async () => {
    await deployment.index(pages);
    const login = at(20)
      .replace(idOf(at(20)), 'a-login')
      .replace(/"action":"[^"]*"/, '"action":"LOGIN"');
    await deployment.store([login]);
    await deployment.store([at(21).replace(idOf(at(21)), 'of-another')], 'other');
    const { code, report } = await reconcile();
    expect(report).toMatchObject({ ...nothing, accounted: { filtered: 1, otherStreams: 1 } });
    expect(code).toBe(0);
  });
});

describe('a stream that says null at its end and gives its tail again', () => {
  test('has its settled tail checked, not taken for what is still to come', async () => {
    await using repeating = await SimulatorProcess.start({ SIMULATOR_TAIL: 'null-repeat' });
    const taken = await repeating.pages();
    const env = { GENESYS_API_BASE: repeating.url };
    await deployment.index(taken);
    const last = taken.at(-1)?.texts.at(-1) as string;
    await deployment.remove(last);
    const { code, report } = await reconcile({ env });
    expect(report).toMatchObject({ ...nothing, missing: [{ id: idOf(last) }] });
    expect(code).toBe(1);
  });

  test('is checked by time where it is so short that it has never had a cursor', async () => {
    await using short = await SimulatorProcess.start({
      SIMULATOR_TAIL: 'null-repeat',
      SIMULATOR_BACKLOG: '20',
    });
    const taken = await short.pages();
    expect(taken).toMatchObject([{ before: null, after: null }]);
    await deployment.index(taken);
    const lost = taken[0]?.texts[3] as string;
    await deployment.remove(lost);
    const { report } = await reconcile({ env: { GENESYS_API_BASE: short.url } });
    expect(report).toMatchObject({ ...nothing, missing: [{ id: idOf(lost) }] });
  });
});

describe('a pipeline that runs meanwhile', () => {
  test('has what comes and is indexed during the comparison neither missed nor called extra', async () => {
    await using live = await SimulatorProcess.start();
    const taken = await live.pages();
    await deployment.index(taken);
    const cursor = taken.at(-1)?.after ?? null;
    const { genesys, audit } = loadSettings(
      reconcileSettings,
      { ...deployment.env, GENESYS_API_BASE: live.url },
      checkReconcile,
    );
    const settings = connectionSettings(genesys, audit);
    await using connection = new GenesysConnection(settings, {
      redis: null,
      keyPrefix: '',
      onWait: () => {},
    });
    const { elasticsearch, reader, letters, records, env } = deployment;
    const progress = new Progress({ write: () => {} }, Date.now);
    const { report } = await reconcileRange(
      {
        reading: new GuideReading({
          source: new EventStreamsSource(connection.call, settings),
          stream: 'default',
          state: {
            // Called between the reading of the source and that of the sink.
            read: async () => {
              await live.control('stream', { addEvents: 30 });
              await deployment.index(await live.pages(cursor));
              return deployment.stream.read();
            },
          },
          records,
          replayWindowMs: 24 * hourMs,
          patienceMs: 120_000,
          now: Date.now,
        }),
        reader,
        elasticsearch,
        indexPrefix: env['AUDIT_INDEX_PREFIX'] ?? '',
        deadLetterIndex: env['DEAD_LETTER_INDEX'] ?? '',
        letters,
        records,
        meetsFilters: guideFilter(settings.filters),
        progress,
        now: Date.now,
        user: 'ops@test',
      },
      'default',
      { from: Date.now() - 7 * hourMs, to: Date.now() + hourMs },
    );
    expect(report).toMatchObject({ ...nothing, source: { events: 250 }, problems: [] });
  });
});

describe('odd events', () => {
  test('without a usable date, that repeat, contradict or are none, are looked after too', async () => {
    await using odd = await SimulatorProcess.start({ SIMULATOR_BACKLOG: '30' });
    await odd.control('stream', {
      odd: [
        'bad-date',
        'no-usable-date',
        { kind: 'no-usable-date', variant: 'far-future' },
        { kind: 'id-conflict', of: 3 },
        { kind: 'duplicate', of: 4 },
        'wrong-shape',
        { kind: 'wrong-shape', variant: 'no-id' },
        'depth-60',
        { kind: 'keys-2000', where: 'top' },
      ],
    });
    const env = { GENESYS_API_BASE: odd.url };
    const taken = await odd.pages();
    const letters: NewDeadLetter[] = [];
    const seen = new Map<string, string>();
    for (const page of taken) {
      const fine: string[] = [];
      for (const text of page.texts) {
        const read = deployment.reader.read(text);
        if (read.kind === 'malformed') {
          const digest = hash('sha256', text, 'hex');
          letters.push({ ...letterOf(at(0)), code: 'AUDIT_EVENT_MALFORMED', eventId: null, digest, text });
        } else if ((seen.get(read.event.id) ?? read.event.digest) !== read.event.digest) {
          letters.push(letterOf(text, { code: 'AUDIT_ID_CONFLICT' }));
        } else {
          seen.set(read.event.id, read.event.digest);
          fine.push(text);
        }
      }
      await deployment.store(fine);
      await deployment.take(page, true);
    }
    await deployment.letters.put(letters);
    const whole = await reconcile({ env });
    expect(whole.report).toMatchObject({
      ...nothing,
      accounted: { deadLettered: 3 },
      source: { repeated: 1 },
    });
    expect(whole.code).toBe(0);

    const undated = taken
      .flatMap((page) => page.texts)
      .filter((text) => deployment.reader.read(text).kind === 'event')
      .filter((text) => deployment.event(text).index.endsWith('undated'));
    expect(undated).toHaveLength(3);
    await deployment.remove(undated[1] as string);
    const { report } = await reconcile({ env });
    expect(report).toMatchObject({ ...nothing, missing: [{ id: idOf(undated[1] as string), date: null }] });

    for (const letter of letters.filter(({ code }) => code === 'AUDIT_EVENT_MALFORMED')) {
      const path = `/${deployment.env['DEAD_LETTER_INDEX']}/_doc/malformed-${letter.digest}`;
      await deployment.ask('DELETE', path);
    }
    const without = (await reconcile({ env })).report;
    expect(without.missing).toHaveLength(3);
    expect(without.missing.filter(({ id }) => id.startsWith('malformed-'))).toHaveLength(2);
  });
});

describe('what cannot be completed says so', () => {
  test('the part of the range before the replay window; its documents are held to their own digests', async () => {
    await deployment.index(pages);
    const old = at(40)
      .replace(idOf(at(40)), 'old-one')
      .replace(/"date":"[^"]*"/, `"date":"${new Date(Date.now() - 30 * hourMs).toISOString()}"`);
    await deployment.store([old]);
    const whole = await reconcile({ from: Date.now() - 40 * hourMs });
    expect(whole.report).toMatchObject({ ...nothing, unchecked: { documents: 1 }, sink: { documents: 250 } });
    expect(whole.code).toBe(2);

    await deployment.tamper(old, (source) => source.replace('"action":"', '"action":"X'));
    const { code, report } = await reconcile({ from: Date.now() - 40 * hourMs });
    expect(report).toMatchObject({ ...nothing, altered: [{ id: 'old-one', what: 'noted-digest' }] });
    expect(code).toBe(1);

    const before = await reconcile({ from: Date.now() - 40 * hourMs, to: Date.now() - 25 * hourMs });
    expect(before.report.checked).toBeNull();
  });

  test('a stream whose state is nowhere', async () => {
    for (const page of pages) await deployment.store(page.texts.slice(1));
    const { code, report } = await reconcile();
    expect(report.problems).toEqual([expect.stringContaining('holds a state of the stream')]);
    expect(report.accounted.notYetDue).toBe(pages.length);
    expect(code).toBe(2);
  });

  test('an indexed cursor that Genesys no longer takes', async () => {
    await using expiring = await SimulatorProcess.start();
    const taken = await expiring.pages();
    await deployment.index(taken.slice(0, 1));
    await expiring.control('cursors/expire', {});
    const { code, report } = await reconcile({ env: { GENESYS_API_BASE: expiring.url } });
    expect(report.problems).toEqual([expect.stringContaining('no longer takes the indexed cursor')]);
    expect(code).toBe(2);
  });

  test('a stream whose Redis was emptied is judged by the checkpoint beside the data', async () => {
    const [first, second] = pages as [TakenPage, TakenPage];
    await deployment.store([...first.texts, ...second.texts].slice(1));
    await deployment.records.writeCheckpoint('default', {
      cursor: second.after ?? '',
      seq: 2,
      at: new Date().toISOString(),
    });
    const { code, report } = await reconcile();
    expect(report).toMatchObject({
      ...nothing,
      missing: [{ id: idOf(at(0)) }],
      accounted: { notYetDue: 50 },
    });
    expect(code).toBe(1);
  });

  test('wrong credentials and missing permissions are one message and exit code 78', async () => {
    const args = ['reconcile', 'audit', '--from', '2026-11-22', '--to', '2026-11-23'];
    const { code, out, err } = await deployment.run(args, { GENESYS_CLIENT_SECRET: 'wrong' });
    expect({ code, out }).toEqual({ code: 78, out: '' });
    expect(err).toContain('Genesys refused the client credentials');
    expect(err).not.toContain('wrong');
  });

  test('a Genesys that gives no page in time', async () => {
    const args = ['--from', '2026-11-22', '--to', '2026-11-23', '--patience', '0.5'];
    const { code, err } = await deployment.run(['reconcile', 'audit', ...args], {
      GENESYS_API_BASE: 'http://127.0.0.1:1',
    });
    expect(err).toContain('gave no page within');
    expect(code).toBe(2);
  });
});

describe('gap records', () => {
  const gap = (id: string, from: number | null, to: number) => ({
    id,
    from: from === null ? null : new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    reason: 'cursor-expired',
    at: new Date().toISOString(),
  });
  const verdicts = (report: ReconcileReport) => report.gaps.map(({ id, verdict }) => ({ id, verdict }));

  test('of a range that is complete are closed, once; others stay open', async () => {
    await deployment.index(pages);
    await deployment.remove(at(100));
    const records = [
      gap('a-whole', dateOf(at(10)), dateOf(at(20))),
      gap('b-holed', dateOf(at(95)), dateOf(at(105))),
      gap('c-unknown', null, dateOf(at(20))),
    ];
    for (const record of records) await deployment.records.writeGapRecord('default', record);
    await refresh(deployment.elasticsearch, deployment.env['STATE_INDEX'] as string);
    const first = await reconcile();
    expect(verdicts(first.report).sort((a, b) => a.id.localeCompare(b.id))).toEqual([
      { id: 'a-whole', verdict: 'complete' },
      { id: 'b-holed', verdict: 'open' },
      { id: 'c-unknown', verdict: 'open' },
    ]);
    await deployment.store([at(100)]);
    const second = await reconcile();
    expect(second.code).toBe(0);
    expect(verdicts(second.report)).toEqual(
      expect.arrayContaining([
        { id: 'a-whole', verdict: 'closed' },
        { id: 'b-holed', verdict: 'complete' },
      ]),
    );
  });
});

describe('acknowledge-gap', () => {
  test('closes a record that cannot be compared any more, with who and why', async () => {
    const record = {
      id: 'g-old',
      from: null,
      to: new Date(dateOf(at(20))).toISOString(),
      reason: 'no-cursor',
      at: new Date().toISOString(),
    };
    await deployment.index(pages);
    await deployment.records.writeGapRecord('default', record);
    await refresh(deployment.elasticsearch, deployment.env['STATE_INDEX'] as string);
    const before = await reconcile();
    expect(before.report.gaps).toMatchObject([{ id: 'g-old', verdict: 'open' }]);
    expect(before.report.gaps[0]?.why).toContain('acknowledge-gap');

    const acknowledge = (id: string, reason: string) =>
      deployment.run(['reconcile', 'acknowledge-gap', id, '--reason', reason]);
    expect(await acknowledge('g-old', ' ')).toMatchObject({ code: 64 });
    expect(await acknowledge('g-none', 'why not')).toMatchObject({
      code: 1,
      err: expect.stringContaining('Open are: g-old (unknown to '),
    });
    expect(await acknowledge('g-old', 'first start, ticket 4711')).toMatchObject({ code: 0 });
    expect(await acknowledge('g-old', 'again')).toMatchObject({ code: 1 });
    const { gaps } = (await reconcile()).report;
    expect(gaps).toMatchObject([{ id: 'g-old', verdict: 'closed' }]);
    expect(gaps[0]?.why).toContain('ops@test');
    expect(gaps[0]?.why).toContain('acknowledged: first start, ticket 4711');
  });
});

describe('--repair', () => {
  test('queues what is missing once, and an indexer brings it back without moving the stream', async () => {
    await deployment.index(pages);
    const lost = [at(3), at(4), at(180)];
    for (const text of lost) await deployment.remove(text);
    const before = await deployment.redis.hgetall(deployment.stream.keys.state);

    const repaired = await reconcile({ args: ['--repair'] });
    expect(repaired.report.repair).toEqual({ events: 3, jobs: 1, alreadyQueued: 0, gone: [] });
    expect(repaired.code).toBe(1);
    expect((await reconcile({ args: ['--repair'] })).report.repair).toMatchObject({
      jobs: 0,
      alreadyQueued: 3,
    });

    await using _indexer = new WorkspaceProcess('indexer', deployment.env);
    const queue = openQueue(deployment.name, AUDIT_INDEX, deployment.redis);
    await until('the repair is done', async () => {
      const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'failed');
      if (counts['failed'] !== 0) throw new Error('the repair failed');
      return Object.values(counts).every((count) => count === 0);
    });
    await queue.close();
    expect(await deployment.redis.keys(`${deployment.prefix}:payload:*`)).toEqual([]);
    const { code, report } = await reconcile();
    expect(report).toMatchObject({ ...nothing, sink: { documents: 250 } });
    expect(code).toBe(0);
    expect(await deployment.redis.hgetall(deployment.stream.keys.state)).toEqual(before);
  });

  test('asks for the payload key, which the comparison alone does not need', async () => {
    await deployment.index(pages.slice(0, 1));
    const env = { PAYLOAD_KEY: '' };
    expect((await reconcile({ env })).code).toBe(0);
    const { code, err } = await deployment.run(
      ['reconcile', 'audit', '--from', '2026-11-22', '--to', '2026-11-23', '--repair'],
      env,
    );
    expect(code).toBe(78);
    expect(err).toContain('PAYLOAD_KEY is missing');
  });
});
