import { describe, expect, it } from 'vitest';
import { genesysDomain, genesysRegionNames } from './genesys-regions.ts';

describe('a region', () => {
  it.each([
    ['eu-central-1', 'mypurecloud.de'],
    ['US-EAST-1', 'mypurecloud.com'],
    ['us-east-2', 'use2.us-gov-pure.cloud'],
    ['mypurecloud.de', 'mypurecloud.de'],
    ['api.usw2.pure.cloud', 'usw2.pure.cloud'],
    ['new1.pure.cloud', 'new1.pure.cloud'],
  ])('%s has the domain %s', (region, domain) => {
    expect(genesysDomain(region)).toBe(domain);
  });

  it.each(['', 'eu-central-9', 'https://api.mypurecloud.de', 'mypurecloud.de/api', 'evil.example#', '..de'])(
    '%j is none',
    (region) => {
      expect(genesysDomain(region)).toBeNull();
    },
  );

  it('has one domain each', () => {
    const all = genesysRegionNames.map(genesysDomain);
    expect(all).toHaveLength(18);
    expect(new Set(all).size).toBe(18);
  });
});
