import type * as Sdk from 'purecloud-platform-client-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Simulator, SimulatorControl } from '../../index.ts';
import { around } from '../../testing/audit-queries.ts';
import { stillPlatform } from '../../testing/platform-client.ts';
import type { HandClock } from '../../testing/poller.ts';
import { sdkOf } from '../../testing/sdk.ts';
import { strayFromModel } from '../../testing/sdk-models.ts';
import { queryBody, realtimeBody } from './audit-request.ts';

describe('the official SDK', () => {
  let simulator: Simulator;
  let clock: HandClock;
  let audits: Sdk.AuditApi;
  let body: Sdk.Models.AuditQueryRequest;

  beforeAll(async () => {
    ({ simulator, clock } = await stillPlatform({
      backlog: 120,
      audits: { lateShare: 0, historyOnly: ['Outbound'] },
    }));
    const sdk = await sdkOf(simulator.url);
    audits = new sdk.AuditApi();
    clock.pass(2);
    body = { interval: around(clock.ms, 7), sort: [{ name: 'Timestamp', sortOrder: 'ascending' }] };
  });
  afterAll(() => simulator.close());

  it('reads the service mappings', async () => {
    const all = await audits.getAuditsQueryServicemapping();
    const realtime = await audits.getAuditsQueryRealtimeServicemapping();
    const names = (mapping: Sdk.Models.AuditQueryServiceMapping) => mapping.services?.map(({ name }) => name);
    expect(names(all)).toContain('Outbound');
    expect(names(realtime)).toContain('Routing');
    expect(names(realtime)).not.toContain('Outbound');
    expect(all.services?.[0]?.entities?.[0]?.actions).toContain('Create');
  });

  it('pages through realtime', async () => {
    const first = await audits.postAuditsQueryRealtime(
      { ...body, pageNumber: 1, pageSize: 100 },
      { expand: ['user'] },
    );
    const second = await audits.postAuditsQueryRealtime(
      { ...body, pageNumber: 2, pageSize: 100 },
      { expand: ['user'] },
    );
    expect(first).toMatchObject({ pageNumber: 1, pageSize: 100, pageCount: 2 });
    expect((first.entities?.length ?? 0) + (second.entities?.length ?? 0)).toBe(first.total);
    expect(first.entities?.some(({ user }) => user?.name !== undefined)).toBe(true);
  });

  it('asks for history, waits for it and pages through it', async () => {
    const { id = '', state } = await audits.postAuditsQuery(body);
    expect(state).toBe('Queued');
    clock.pass(2);
    expect(await audits.getAuditsQueryTransactionId(id)).toMatchObject({ id, state: 'Succeeded', ...body });
    const rows: Sdk.Models.AuditLogMessage[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const options = { pageSize: 50, expand: ['user'], ...(cursor === '' ? {} : { cursor }) };
      const page: Sdk.Models.AuditQueryExecutionResultsResponse =
        await audits.getAuditsQueryTransactionIdResults(id, options);
      rows.push(...(page.entities ?? []));
      cursor = page.cursor;
    }
    expect(new Set(rows.map((row) => row.id)).size).toBe(125);
  });

  it('rejects with the body of a redirect, where the link to the file stands', async () => {
    await new SimulatorControl(simulator.url).changeAudits({ inlineRows: 10 });
    const { id = '' } = await audits.postAuditsQuery(body);
    clock.pass(2);
    const error: unknown = await audits
      .getAuditsQueryTransactionIdResults(id, { pageSize: 500, allowRedirect: true })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ id, downloadUrl: expect.stringContaining('http') });
  });

  it('rejects with the error body of a refusal', async () => {
    const error: unknown = await audits
      .postAuditsQuery({ interval: 'yesterday' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      status: 400,
      code: 'constraint.validation',
      details: [{ fieldName: 'interval' }],
      contextId: expect.any(String),
    });
  });

  it('rejects wrong credentials', async () => {
    const failed: unknown = await sdkOf(simulator.url, 'wrong').catch((thrown: unknown) => thrown);
    expect(failed).toMatchObject({ response: { status: 401, data: { error: 'invalid_client' } } });
  });
});

describe('the models of the official SDK', () => {
  it('allow every body that is accepted here, so Trunkline sends no other', () => {
    expect(strayFromModel(queryBody, 'AuditQueryRequest')).toEqual([]);
    expect(strayFromModel(realtimeBody, 'AuditRealtimeQueryRequest')).toEqual([]);
  });

  it('are not met by what is misspelt, mistyped or left out', () => {
    const stray = z.strictObject({
      intervals: z.string(),
      serviceName: z.number(),
      filters: z.array(z.strictObject({ property: z.string() })),
      sort: z.string(),
    });
    expect(strayFromModel(stray, 'AuditQueryRequest')).toEqual([
      'body.intervals is not in AuditQueryRequest',
      'body.interval may be left out',
      'body.serviceName is number, not string',
      'body.filters[].value may be left out',
      'body.sort is no list',
    ]);
  });
});
