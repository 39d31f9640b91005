import { describe, expect, it } from 'vitest';
import { connectionSettings, type ReadSettings } from './connection-settings.ts';
import { guideApiBase } from './settings.ts';

describe('guideApiBase', () => {
  it.each([
    ['acme', 'https://acme.mypurecloud.com'],
    ['api.acme-2', 'https://api.acme-2.mypurecloud.com'],
  ])('of %s is %s', (subdomain, base) => {
    expect(guideApiBase(subdomain)).toBe(base);
  });

  it.each(['', 'acme.', '-acme', 'https://acme', 'acme/x', 'evil.example#'])('refuses %j', (subdomain) => {
    expect(() => guideApiBase(subdomain)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('the settings of a connection', () => {
  const read: ReadSettings = {
    contract: 'platform',
    apiBase: null,
    loginBase: null,
    subdomain: null,
    region: null,
    clientId: 'id',
    clientSecret: 'secret',
    clientAuth: null,
    ratePerSecond: null,
    timeoutMs: 1,
    backoffMinMs: 1,
    backoffMaxMs: 1,
    pauseMs: 1,
    maxPageBytes: 1,
    downloadHosts: null,
    httpProxy: null,
    httpsProxy: null,
    noProxy: null,
  };
  const settingsOf = (changes: Partial<ReadSettings>) =>
    connectionSettings({ ...read, ...changes }, { filters: [], pageLimit: 100, replayWindowMs: 0 });

  it("are the region's hosts and the platform's allowance", () => {
    expect(settingsOf({ region: 'mypurecloud.de' })).toMatchObject({
      apiBase: 'https://api.mypurecloud.de',
      loginBase: 'https://login.mypurecloud.de',
      clientAuth: 'basic',
      ratePerSecond: 5,
      downloadHosts: ['.amazonaws.com', '.mypurecloud.de'],
    });
  });

  it('are those of a gateway where these are set', () => {
    const gateway = { apiBase: 'https://gw.acme.com/genesys', loginBase: 'https://gw.acme.com/login' };
    expect(settingsOf({ region: 'mypurecloud.de', ...gateway })).toMatchObject({
      ...gateway,
      downloadHosts: ['.amazonaws.com', 'gw.acme.com'],
    });
  });

  it("are the guide's with its contract", () => {
    expect(settingsOf({ contract: 'guide', subdomain: 'acme' })).toMatchObject({
      apiBase: 'https://acme.mypurecloud.com',
      loginBase: 'https://acme.mypurecloud.com',
      clientAuth: 'body',
      ratePerSecond: 10,
    });
  });

  it('allow downloads from the stores of a sovereign region', () => {
    expect(settingsOf({ region: 'edee1.eusc-pure.cloud' }).downloadHosts).toContain('.amazonaws.eu');
  });
});
