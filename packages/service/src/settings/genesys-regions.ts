/**
 * The domain of each region's API and login hosts. A region that is not in the table yet is given by its domain.
 * Source: the official SDKs' list of region hosts (genesys-api section 1).
 */
const domains: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'us-east-1': 'mypurecloud.com',
    'us-east-2': 'use2.us-gov-pure.cloud',
    'us-west-2': 'usw2.pure.cloud',
    'ca-central-1': 'cac1.pure.cloud',
    'sa-east-1': 'sae1.pure.cloud',
    'mx-central-1': 'mxc1.pure.cloud',
    'me-central-1': 'mec1.pure.cloud',
    'ap-northeast-1': 'mypurecloud.jp',
    'ap-northeast-2': 'apne2.pure.cloud',
    'ap-northeast-3': 'apne3.pure.cloud',
    'ap-south-1': 'aps1.pure.cloud',
    'ap-southeast-1': 'apse1.pure.cloud',
    'ap-southeast-2': 'mypurecloud.com.au',
    'eu-west-1': 'mypurecloud.ie',
    'eu-west-2': 'euw2.pure.cloud',
    'eu-central-1': 'mypurecloud.de',
    'eu-central-2': 'euc2.pure.cloud',
    'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  }),
);

/**
 * The domain that a region's name stands for, or the domain that is given itself, without the `api.`, `login.` or `apps.` that
 * an address bar shows before it; `null` where the text is neither.
 */
export function genesysDomain(region: string): string | null {
  const name = region.toLowerCase();
  const known = domains.get(name);
  if (known !== undefined) return known;
  const domain = name.replace(/^(api|login|apps)\./, '');
  return /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/.test(domain) ? domain : null;
}

/** Names for the message about one that is not known. */
export const genesysRegionNames: readonly string[] = [...domains.keys()].sort();
