import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SimulatorControl } from '../../index.ts';
import { type AuditRow, around, ledgerOf, submit } from '../../testing/audit-queries.ts';
import { PlatformClient, stillPlatform } from '../../testing/platform-client.ts';

const QUERY = '/api/v2/audits/query';
const sort = [{ name: 'Timestamp', sortOrder: 'ascending' }];

async function started(options: Parameters<typeof stillPlatform>[0] = {}) {
  const { simulator, clock } = await stillPlatform({
    backlog: 200,
    rateLimit: null,
    audits: { lateShare: 0 },
    ...options,
  });
  clock.pass(2);
  const client = await PlatformClient.connect(simulator.url);
  return {
    simulator,
    clock,
    client,
    control: new SimulatorControl(simulator.url),
    body: { interval: around(clock.ms, 7), sort },
    async status(id: string) {
      const response = await client.get(`${QUERY}/${id}`);
      return [response.status, ((await response.json()) as { state?: string }).state];
    },
    async results(id: string, search: string) {
      const response = await client.get(`${QUERY}/${id}/results?${search}`);
      return { status: response.status, ...((await response.json()) as Results) };
    },
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

interface Results {
  cursor?: string;
  entities?: AuditRow[];
  downloadUrl?: string;
}

describe('a history query', () => {
  it('takes its time, then gives every row once, services that realtime lacks among them', async () => {
    await using system = await started();
    const { client, clock, body, control } = system;
    const id = await submit(client, body);
    expect(await system.status(id)).toEqual([202, 'Queued']);
    expect((await system.results(id, 'pageSize=500')).status).toBe(400);
    clock.pass(1);
    expect(await system.status(id)).toEqual([202, 'Running']);
    clock.pass(1);
    expect(await system.status(id)).toEqual([200, 'Succeeded']);
    const rows: AuditRow[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const search = `pageSize=90&expand=user${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: Results = await system.results(id, search);
      rows.push(...(page.entities ?? []));
      cursor = page.cursor;
    }
    const ledger = await ledgerOf(control, { shape: 'history' });
    expect(rows.map((row) => row['id'])).toEqual(ledger.map((event) => event.id));
    expect(ledger.every(({ shapes }) => shapes.join() === 'history')).toBe(true);
    expect(rows.map(({ serviceName }) => serviceName)).toContain('WorkforceManagement');
  });

  it('leads to files where the result is large, which hold every row once, dated by eventTime', async () => {
    await using system = await started({ audits: { lateShare: 0, inlineRows: 100, fileRows: 150 } });
    const { client, clock, body, control } = system;
    const id = await submit(client, body);
    clock.pass(2);
    const first = await system.results(id, 'pageSize=500&allowRedirect=true');
    expect(first).toMatchObject({ status: 302, downloadUrl: expect.stringContaining('/presigned/') });
    const second = await system.results(id, `pageSize=500&allowRedirect=true&cursor=${first.cursor}`);
    expect([second.status, second.cursor]).toEqual([302, undefined]);
    const files = [];
    for (const { downloadUrl = '' } of [first, second])
      files.push(...((await (await fetch(downloadUrl)).json()) as AuditRow[]));
    const ledger = await ledgerOf(control, { shape: 'download' });
    expect(files.map((row) => row['id'])).toEqual(ledger.map((event) => event.id));
    expect(files.every((row) => 'eventTime' in row && !('eventDate' in row))).toBe(true);
    expect(ledger.every(({ shapes }) => shapes.join() === 'download')).toBe(true);
    const bearing = { headers: { Authorization: `Bearer ${client.token}` } };
    expect((await fetch(first.downloadUrl ?? '', bearing)).status).toBe(400);
    // Without leave to redirect the pages come as ever.
    expect(await system.results(id, 'pageSize=500')).toMatchObject({
      status: 200,
      entities: expect.any(Array),
    });
    clock.pass(600);
    expect((await fetch(first.downloadUrl ?? '')).status).toBe(403);
  });

  it('is refused while another one runs', async () => {
    await using system = await started();
    const { client, clock, body, control } = system;
    await submit(client, body);
    for (const busyStatus of [409, 429, 400] as const) {
      await control.changeAudits({ busyStatus });
      const second = await client.request('POST', QUERY, body);
      expect([second.status, await second.json()]).toMatchObject([busyStatus, { message: /one at a time/ }]);
    }
    clock.pass(2);
    await submit(client, body);
  });

  it('sees what is shown when it is ready, and nothing that came later', async () => {
    await using system = await started({ audits: { lateShare: 0, historyDelaySeconds: 60 } });
    const { client, clock, control } = system;
    await control.addEvents(50);
    const rows = async () => {
      const id = await submit(client, { interval: around(clock.ms, 7), sort });
      clock.pass(2);
      const { entities = [] } = await system.results(id, 'pageSize=500');
      clock.pass(60);
      const { entities: again = [] } = await system.results(id, 'pageSize=500');
      expect(again.length).toBe(entities.length);
      return entities.length;
    };
    const early = await rows();
    expect(await rows()).toBeGreaterThanOrEqual(early + 50);
  });

  it('fails, gets lost, is forgotten, has its cursor refused and its link expired by faults', async () => {
    await using system = await started({
      audits: { lateShare: 0, queryKeptSeconds: 3_600, inlineRows: 100 },
    });
    const { client, clock, body, control } = system;
    const ready = async () => {
      const id = await submit(client, body);
      clock.pass(2);
      return id;
    };
    await control.addFaults({ kind: 'query-busy', times: 1 });
    expect((await client.request('POST', QUERY, body)).status).toBe(409);
    await control.addFaults({ kind: 'query-failed', times: 1 });
    const failed = await ready();
    expect(await system.status(failed)).toEqual([200, 'Failed']);
    expect((await system.results(failed, '')).status).toBe(400);
    await control.addFaults({ kind: 'query-lost', match: 'audits-results', times: 1 });
    const lost = await ready();
    expect(await system.status(lost)).toEqual([200, 'Succeeded']);
    expect((await system.results(lost, '')).status).toBe(404);
    expect((await system.status(lost))[0]).toBe(404);
    const id = await ready();
    const { cursor } = await system.results(id, '');
    await control.addFaults({ kind: 'cursor-refused', times: 1 });
    expect((await system.results(id, `cursor=${cursor}`)).status).toBe(400);
    expect((await system.results(id, `cursor=${cursor}`)).status).toBe(200);
    const other = await ready();
    expect((await system.results(other, `cursor=${cursor}`)).status).toBe(400);
    const { downloadUrl = '' } = await system.results(id, 'allowRedirect=true');
    await control.addFaults({ kind: 'link-expired', match: 'audits-download', times: 1 });
    expect((await fetch(downloadUrl)).status).toBe(403);
    expect((await fetch(downloadUrl)).status).toBe(200);
    await control.expireLinks();
    expect((await fetch(downloadUrl)).status).toBe(403);
    clock.pass(3_600);
    expect((await system.status(id))[0]).toBe(404);
  });

  it('is refused where its interval is longer than 31 days, or the results are asked for wrongly', async () => {
    await using system = await started();
    const { client, clock, body } = system;
    const long = await client.request('POST', QUERY, { interval: around(clock.ms, 31 * 24 + 1, 0) });
    expect([long.status, await long.json()]).toMatchObject([400, { message: /31 days/ }]);
    const id = await submit(client, { interval: around(clock.ms, 31 * 24, 0) });
    clock.pass(2);
    for (const search of ['pageSize=501', 'pageNumber=1', 'cursor=x', 'expand=client', 'allowRedirect=yes']) {
      expect([search, (await system.results(id, search)).status]).toEqual([search, 400]);
    }
    expect((await client.request('POST', QUERY, { ...body, pageSize: 25 })).status).toBe(400);
    expect((await system.status('00000000-0000-0000-0000-000000000000'))[0]).toBe(404);
  });

  it('goes on after a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'simulator-'));
    let id: string;
    {
      await using system = await started({ dataDir });
      id = await submit(system.client, system.body);
      system.clock.pass(2);
      expect((await system.results(id, 'pageSize=100')).entities).toHaveLength(100);
    }
    await using system = await started({ dataDir });
    system.clock.pass(2);
    expect((await system.results(id, 'pageSize=500')).entities).toHaveLength(208);
    const ledger = await ledgerOf(system.control);
    expect(ledger.map(({ served, shapes }) => `${served} ${shapes}`).slice(99, 101)).toEqual([
      '2 history-plain',
      '1 history-plain',
    ]);
  });
});
