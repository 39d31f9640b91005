import { describe, expect, it } from 'vitest';
import { SimulatorControl } from '../../index.ts';
import { type AuditRow, around, ledgerOf, realtime } from '../../testing/audit-queries.ts';
import { PlatformClient, stillPlatform } from '../../testing/platform-client.ts';

const ascending = [{ name: 'Timestamp', sortOrder: 'ascending' }];
const REALTIME = '/api/v2/audits/query/realtime';

/** A simulator with rows that are all shown, a client, and the interval around them. */
async function started(options: Parameters<typeof stillPlatform>[0] = {}) {
  const { simulator, clock } = await stillPlatform({
    backlog: 200,
    rateLimit: null,
    audits: { lateShare: 0, historyOnly: [] },
    ...options,
  });
  clock.pass(2);
  return {
    simulator,
    clock,
    control: new SimulatorControl(simulator.url),
    client: await PlatformClient.connect(simulator.url),
    interval: around(clock.ms, 7),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}
const ids = (rows: readonly AuditRow[]) => rows.map(({ id }) => id);

describe('a realtime query', () => {
  it('finds every row once over its pages, oldest or newest first', async () => {
    await using system = await started();
    const { client, interval, control } = system;
    const rows: AuditRow[] = [];
    for (let pageNumber = 1, pageCount = 1; pageNumber <= pageCount; pageNumber++) {
      const page = await realtime(client, { interval, sort: ascending, pageNumber, pageSize: 100 });
      pageCount = page.pageCount;
      rows.push(...page.entities);
      expect(page).toMatchObject({ pageSize: 100, pageNumber, pageCount: 3, total: 208 });
    }
    const ledger = await ledgerOf(control, { shape: 'realtime' });
    expect(ids(rows)).toEqual(ledger.map(({ id }) => id));
    const dates = rows.map(({ eventDate }) => String(eventDate));
    expect(dates).toEqual([...dates].sort());
    const newest = await realtime(client, { interval, pageSize: 5 });
    expect(ids(newest.entities)).toEqual(ids(rows).slice(-5).reverse());
    expect(await control.summary()).toMatchObject({
      unserved: 0,
      unservedShown: 0,
      servedEvents: 208,
      served: 213,
    });
  });

  it('gives names only where they are asked for, and the ledger tells in which shape it delivered', async () => {
    await using system = await started();
    const { client, interval, control } = system;
    const named = ({ entities }: { entities: AuditRow[] }) =>
      entities.some(({ user }) => (user as AuditRow | undefined)?.['name'] !== undefined);
    expect(named(await realtime(client, { interval, sort: ascending, pageSize: 100 }))).toBe(true);
    expect(named(await realtime(client, { interval, sort: ascending, pageSize: 50 }, ''))).toBe(false);
    await realtime(client, { interval, pageSize: 20 }, '');
    const shapes = new Set((await ledgerOf(control)).map((event) => event.shapes.join()));
    expect(shapes).toEqual(new Set(['realtime', 'realtime-plain', 'realtime,realtime-plain', '']));
  });

  it('serves the very text that the ledger tells', async () => {
    await using system = await started({ backlog: 20 });
    const { client, interval, control } = system;
    const response = await client.request('POST', `${REALTIME}?expand=user`, { interval, sort: ascending });
    const texts = (await ledgerOf(control, { shape: 'realtime', source: true })).map(({ source }) => source);
    expect(await response.text()).toContain(`"entities":[${texts.slice(0, 20).join(',')}`);
  });

  it('takes service and filters by equality', async () => {
    await using system = await started();
    const { client, interval } = system;
    const { entities: all } = await realtime(client, { interval, pageSize: 100 });
    const sample = all.find(({ serviceName }) => serviceName === 'Routing') as AuditRow;
    const service = await realtime(client, { interval, pageSize: 100, serviceName: 'Routing' });
    expect(new Set(service.entities.map(({ serviceName }) => serviceName))).toEqual(new Set(['Routing']));
    const filters = [
      { property: 'EntityType', value: sample['entityType'] },
      { property: 'Action', value: sample['action'] },
    ];
    const both = await realtime(client, { interval, pageSize: 100, filters });
    expect(ids(both.entities)).toContain(sample['id']);
    for (const row of both.entities)
      expect(row).toMatchObject({ entityType: sample['entityType'], action: sample['action'] });
  });

  it('shows a row only when its time has come, and a late one among those that are long there', async () => {
    await using system = await started({
      backlog: 0,
      audits: { lateShare: 0.2, lateSeconds: 2_400, delaySeconds: 2, historyOnly: [] },
    });
    const { client, clock, control } = system;
    await control.addEvents(96);
    const total = async () =>
      (await realtime(client, { interval: around(clock.ms, 2), sort: ascending })).total;
    expect([await total(), (await control.summary()).unservedShown]).toEqual([0, 0]);
    clock.pass(2);
    const first = await total();
    expect(first).toBeGreaterThan(60);
    expect(first).toBeLessThan(95);
    clock.pass(1_200);
    const later = await total();
    expect(later).toBeGreaterThan(first);
    expect(later).toBeLessThan(100);
    clock.pass(1_201);
    expect(await total()).toBe(100);
  });

  it('moves the pages where young rows that were held back appear', async () => {
    await using system = await started({ backlogHours: 0.2 });
    const { client, interval, control, clock } = system;
    const page = (pageNumber: number) =>
      realtime(client, { interval, sort: ascending, pageNumber, pageSize: 100 });
    await control.addFaults({ kind: 'held-back', rows: 10, times: 1 });
    const first = await page(1);
    const second = await page(2);
    expect([first.total, second.total]).toEqual([198, 208]);
    expect(ids(second.entities).slice(0, 10)).toEqual(ids(first.entities).slice(-10));
    // Of rows that are old none is held back.
    clock.pass(1_000);
    await control.addFaults({ kind: 'held-back', rows: 10, times: 1 });
    expect((await page(1)).total).toBe(208);
    expect(await control.faults()).toMatchObject([{ struck: 1 }, { struck: 0 }]);
  });

  it('does not have every service', async () => {
    await using system = await started({ audits: { lateShare: 0, historyOnly: ['Routing', 'Outbound'] } });
    const { client, interval } = system;
    const { entities, total } = await realtime(client, { interval, pageSize: 100 });
    expect(total).toBeLessThan(208);
    for (const row of entities) expect(['Routing', 'Outbound']).not.toContain(row['serviceName']);
    const refused = await client.request('POST', REALTIME, { interval, serviceName: 'Routing' });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { details: [{ fieldName: 'serviceName' }] },
    ]);
  });

  it.each([
    [{ interval: '2026-03-01/2026-03-02' }, 400, 'interval'],
    [{}, 400, 'interval'],
    [{ pageSize: 101 }, 400, 'pageSize'],
    [{ pageNumber: 0 }, 400, 'pageNumber'],
    [{ serviceNames: ['Routing'] }, 400, 'serviceNames'],
    [{ sort: [{ name: 'Date', sortOrder: 'ascending' }] }, 400, 'sort.0.name'],
    [{ filters: [{ property: 'Level', value: 'USER' }] }, 400, 'filters.0.property'],
    [{ interval: around(Date.parse('2026-03-14T15:00:00Z'), 15 * 24, -14 * 24) }, 400, 'interval'],
    [{ interval: around(Date.parse('2026-03-14T15:00:00Z'), 48) }, 504, null],
  ])('%o is answered %i', async (change, status, fieldName) => {
    await using system = await started({ backlog: 1 });
    const { client, interval } = system;
    const body = 'interval' in change || Object.keys(change).length > 0 ? { interval, ...change } : {};
    const response = await client.request('POST', REALTIME, body);
    const told = (await response.json()) as { details: { fieldName: string }[] };
    expect([response.status, told.details[0]?.fieldName ?? null]).toEqual([status, fieldName]);
  });

  it('wants a service where it is told to', async () => {
    await using system = await started();
    const { client, interval, control } = system;
    await control.changeAudits({ realtimeNeedsService: true });
    expect((await client.request('POST', REALTIME, { interval })).status).toBe(400);
    expect((await client.request('POST', REALTIME, { interval, serviceName: 'Routing' })).status).toBe(200);
  });
});
