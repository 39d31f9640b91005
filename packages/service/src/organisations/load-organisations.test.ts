import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrunklineError } from '@trunkline/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { archivedMediaTypes, archiveWindowSettings } from '../settings/archive-windows.ts';
import { auditSourceSettings } from '../settings/audit-source.ts';
import { elasticsearchSettings } from '../settings/elasticsearch.ts';
import { checkGenesysSettings, genesysSettings } from '../settings/genesys.ts';
import { s3Settings } from '../settings/s3.ts';
import { loadSettings } from '../settings/setting.ts';
import { loadForOrganisations, organisationEnv } from './load-organisations.ts';

const folder = mkdtempSync(join(tmpdir(), 'organisations-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(text: string): string {
  const file = join(folder, `${++files}.yaml`);
  writeFileSync(file, text);
  return file;
}

const groups = {
  genesys: genesysSettings,
  audit: auditSourceSettings,
  elasticsearch: { indexPrefix: elasticsearchSettings.indexPrefix, alias: elasticsearchSettings.alias },
  archive: archiveWindowSettings,
  s3: s3Settings,
} as const;

const shared = { AWS_REGION: 'eu-central-1', S3_BUCKET: 'archive', GENESYS_CONTRACT: 'platform' };

function load(env: NodeJS.ProcessEnv) {
  return loadForOrganisations(env, (one) =>
    loadSettings(groups, one, ({ genesys }) => (genesys === undefined ? [] : checkGenesysSettings(genesys))),
  );
}

async function problems(text: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  try {
    await load({ ...shared, ...env, ORGANISATIONS_FILE: written(text) });
    return '';
  } catch (error) {
    if (error instanceof TrunklineError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
}

const two = `
organisations:
  - id: acme_eu
    region: eu-central-1
    clientId: client-eu
    clientSecret: { env: ACME_EU_SECRET }
    ratePerSecond: 3
    audit:
      filters: [{ field: action, operator: NOT_EQUAL, value: LOGIN }, { field: userId, operator: EQUAL, value: u1 }]
      indexPrefix: acme-eu-audit-
    archive: { mediaTypes: [voice, message], keyPrefix: eu/, settleSeconds: 60 }
  - { id: acme_us, region: mypurecloud.com, clientId: client-us, clientSecret: { file: ${join(folder, 'secret')} } }
`;

describe('the organisations of a file', () => {
  writeFileSync(join(folder, 'secret'), 'secret-us\n');

  it('have what the file says of each, and of the rest what the environment says', async () => {
    const file = written(two);
    const organisations = await load({
      ...shared,
      ORGANISATIONS_FILE: file,
      ACME_EU_SECRET: 'secret-eu',
      AUDIT_PAGE_LIMIT: '50',
      AUDIT_READ_ALIAS: 'all-audits',
    });
    expect(organisations.ids).toEqual(['acme_eu', 'acme_us']);
    const [eu, us] = organisations.all;
    expect(eu).toMatchObject({
      genesys: {
        region: 'mypurecloud.de',
        clientId: 'client-eu',
        clientSecret: 'secret-eu',
        ratePerSecond: 3,
      },
      audit: { stream: 'acme_eu', pageLimit: 50, filters: [{ field: 'action' }, { value: 'u1' }] },
      elasticsearch: { indexPrefix: 'acme-eu-audit-', alias: 'all-audits-acme_eu' },
      archive: { mediaTypes: ['voice', 'message'], settleMs: 60_000 },
      s3: { bucket: 'archive', prefix: '', keyPrefix: 'eu/' },
    });
    expect(organisations.all.map(({ archive, genesys }) => archivedMediaTypes(archive, genesys))).toEqual([
      ['voice', 'message'],
      ['voice', 'chat', 'message', 'email'],
    ]);
    expect(us).toMatchObject({
      genesys: { region: 'mypurecloud.com', clientSecret: 'secret-us', ratePerSecond: null },
      audit: { stream: 'acme_us' },
      elasticsearch: { indexPrefix: 'genesys-audit-acme_us-' },
      s3: { keyPrefix: 'acme_us/' },
    });
    expect(organisations.ofStream('acme_us.history')).toBe(us);
    expect(organisations.ofWindow({ organisation: 'acme_eu' })).toBe(eu);
    for (const unknown of [() => organisations.ofStream('default'), () => organisations.ofWindow({})]) {
      expect(unknown).toThrow(
        expect.objectContaining({ code: 'ORGANISATION_UNKNOWN', kind: 'configuration' }),
      );
    }
  });

  it('can be written as JSON too', async () => {
    const organisations = [
      { id: 'a', region: 'eu-west-1', clientId: 'c', clientSecret: { env: 'SECRET' }, ratePerSecond: 1 },
    ];
    const file = written(JSON.stringify({ organisations }));
    const read = await load({ ...shared, ORGANISATIONS_FILE: file, SECRET: 's' });
    expect(read.all[0].genesys).toMatchObject({ region: 'mypurecloud.ie', ratePerSecond: 1 });
  });

  it('are one without an id where there is no file', async () => {
    const env = {
      ...shared,
      GENESYS_REGION: 'eu-west-1',
      GENESYS_CLIENT_ID: 'c',
      GENESYS_CLIENT_SECRET: 's',
    };
    const organisations = await load(env);
    expect(organisations.ids).toEqual([null]);
    expect(organisations.ofStream('default')).toBe(organisations.all[0]);
    expect(organisations.ofWindow({})).toBe(organisations.all[0]);
    expect(organisations.all[0]).toMatchObject({
      audit: { stream: 'default' },
      elasticsearch: { indexPrefix: 'genesys-audit-', alias: 'genesys-audit-logs' },
      s3: { keyPrefix: '' },
    });
    expect(() => organisations.ofWindow({ organisation: 'acme' })).toThrow(/knows no organisation acme/);
  });
});

describe('what is wrong with the file', () => {
  it('is told all at once, each with its path', async () => {
    const text = `
organisations:
  - id: acme_eu
    region: eu-central-9
    clientSecret: { env: NO_SUCH_SECRET }
    audit: { indexPrefix: ACME, filters: nonsense }
  - id: acme_us
    region: us-east-1
    clientId: c
    clientSecret: { file: ${join(folder, 'none')} }
    archive: { mediaTypes: [1x], settleSeconds: -1 }
`;
    const message = await problems(text, { AUDIT_PAGE_LIMIT: '0' });
    for (const problem of [
      'organisations[0].region must be a domain such as mypurecloud.de, or one of',
      'organisations[0].clientId is missing',
      'organisations[0].clientSecret (the variable NO_SUCH_SECRET) is missing',
      'organisations[0].audit.indexPrefix must be lower-case',
      'organisations[0].audit.filters must be a JSON array',
      'organisations[1].clientSecret.file: the file cannot be read (ENOENT)',
      'organisations[1].archive.mediaTypes must name media types',
      'organisations[1].archive.settleSeconds must be at least 0',
      'AUDIT_PAGE_LIMIT must be at least 1',
    ]) {
      expect(message).toContain(problem);
    }
    expect(message.split('AUDIT_PAGE_LIMIT')).toHaveLength(2);
  });

  it.each([
    ['organisations: []', 'organisations must list at least one organisation'],
    ['organisations: none', 'organisations must be a list'],
    ['{}', 'organisations is missing'],
    ['organisations: [{ region: x }]', 'organisations[0].id is missing'],
    ['organisations: [{ id: Acme-EU }]', 'organisations[0].id must be 1-32 lower-case letters'],
    ['organisations: [{ id: a, colour: red }]', 'organisations[0].colour is not known'],
    ['organisations: [{ id: a, audit: { index: x } }]', 'organisations[0].audit.index is not known'],
    ['organisations: [{ id: a, clientId: 123 }]', 'organisations[0].clientId must be text'],
    [
      'organisations: [{ id: a, clientSecret: hunter2 }]',
      'organisations[0].clientSecret must be {env: VARIABLE}',
    ],
    ['organisations: [{ id: a, archive: { mediaTypes: [] } }]', 'organisations[0].archive.mediaTypes must'],
    ['organisations: [{ id: a }, { id: a }]', 'the id a stands twice'],
    [
      'organisations: [{ id: a }, { id: b, archive: { keyPrefix: a/b/ } }]',
      "a and b have a archive.keyPrefix that begins with the other's",
    ],
    [
      'organisations: [{ id: a, audit: { indexPrefix: x- } }, { id: b, audit: { indexPrefix: x-y- } }]',
      'a and b have a audit.indexPrefix',
    ],
    ['organisations: [{ id: a', 'ORGANISATIONS_FILE is neither YAML nor JSON'],
  ])('%s', async (text, problem) => {
    const message = await problems(text);
    expect(message).toContain(problem);
    expect(message).not.toContain('hunter2');
  });

  it('is also a variable that would hold for one organisation alone', async () => {
    expect(await problems(two, { GENESYS_CLIENT_ID: 'c', ACME_EU_SECRET: 's' })).toContain(
      'GENESYS_CLIENT_ID and ORGANISATIONS_FILE are both set',
    );
  });

  it('is a file that cannot be read', async () => {
    await expect(load({ ORGANISATIONS_FILE: join(folder, 'missing.yaml') })).rejects.toThrow(/ENOENT/);
  });
});

describe('a command about one organisation', () => {
  it('has its environment, and may leave out the name of the only one', async () => {
    const file = written(two);
    const env = { ORGANISATIONS_FILE: file };
    expect(await organisationEnv(env, 'acme_us')).toMatchObject({
      id: 'acme_us',
      env: { AUDIT_STREAM: 'acme_us' },
    });
    expect(await organisationEnv(env, undefined)).toEqual({ known: ['acme_eu', 'acme_us'] });
    expect(await organisationEnv(env, 'other')).toEqual({ known: ['acme_eu', 'acme_us'] });
    const one = { ORGANISATIONS_FILE: written('organisations: [{ id: a }]') };
    expect(await organisationEnv(one, undefined)).toMatchObject({ env: { AUDIT_STREAM: 'a' } });
    expect(await organisationEnv({ A: '1' }, undefined)).toEqual({ id: null, env: { A: '1' } });
    expect(await organisationEnv({ A: '1' }, 'acme')).toEqual({ known: [] });
  });
});
