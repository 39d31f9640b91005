import type * as Sdk from 'purecloud-platform-client-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../../index.ts';
import { stillPlatform } from '../../testing/platform-client.ts';
import { sdkOf } from '../../testing/sdk.ts';

describe('the official SDK', () => {
  let simulator: Simulator;
  let audits: Sdk.AuditApi;

  beforeAll(async () => {
    ({ simulator } = await stillPlatform());
    const sdk = await sdkOf(simulator.url);
    audits = new sdk.AuditApi();
  });
  afterAll(() => simulator.close());

  it('logs in and reads the service mappings', async () => {
    const all = await audits.getAuditsQueryServicemapping();
    const realtime = await audits.getAuditsQueryRealtimeServicemapping();
    const names = (mapping: Sdk.Models.AuditQueryServiceMapping) => mapping.services?.map(({ name }) => name);
    expect(names(all)).toContain('WorkforceManagement');
    expect(names(realtime)).toContain('Routing');
    expect(names(realtime)).not.toContain('WorkforceManagement');
  });
});
