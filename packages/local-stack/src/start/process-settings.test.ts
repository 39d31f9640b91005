import { expect, test } from 'vitest';
import {
  archives,
  commandSettings,
  processSettings,
  realGenesys,
  simulatorSettings,
  tokenizingSettings,
} from './process-settings.ts';
import type { StartOptions } from './start-options.ts';

const secrets = {
  PAYLOAD_KEY: 'payload',
  TOKENIZATION_KEY: 'tokens',
  GENESYS_CLIENT_ID: 'client',
  GENESYS_CLIENT_SECRET: 'secret',
  DASHBOARD_OPERATOR_PASSWORD: 'operator-password',
  DASHBOARD_VIEWER_PASSWORD: 'viewer-password',
};
const addresses = {
  redisUrl: 'redis://127.0.0.1:6380',
  elasticsearchUrl: 'http://127.0.0.1:9201',
  genesysUrl: 'http://127.0.0.1:8090',
  archive: {
    endpoint: 'http://127.0.0.1:9000',
    bucket: 'archives',
    region: 'us-east-1',
    accessKeyId: 'local-id',
    secretAccessKey: 'local-secret',
  },
};
const options: StartOptions = {
  contract: 'guide',
  untilDrained: false,
  events: null,
  rate: null,
  indexers: 2,
  fresh: false,
};
const where = { port: 8090, dataDir: '/state/simulator' };

test('the processes are pointed at the simulator, and a single node can be green', () => {
  expect(processSettings({}, secrets, addresses, 'guide')).toMatchObject({
    REDIS_URL: addresses.redisUrl,
    ELASTICSEARCH_URL: addresses.elasticsearchUrl,
    GENESYS_API_BASE: addresses.genesysUrl,
    GENESYS_CLIENT_SECRET: 'secret',
    PAYLOAD_KEY: 'payload',
    AUDIT_REPLICAS: '0',
  });
});

test('under the platform contract the login is the simulator’s too, which allows as much as is asked of it', () => {
  const settings = processSettings({}, secrets, addresses, 'platform');
  expect(settings).toMatchObject({
    GENESYS_CONTRACT: 'platform',
    GENESYS_API_BASE: addresses.genesysUrl,
    GENESYS_LOGIN_BASE: addresses.genesysUrl,
  });
  const simulator = simulatorSettings({}, { ...options, contract: 'platform' }, secrets, where);
  expect(Number(simulator['SIMULATOR_RATE_LIMIT'])).toBe(60 * Number(settings['GENESYS_RATE_PER_SECOND']));
  expect(simulator).not.toHaveProperty('SIMULATOR_CLOCK_SPEED');
});

test('what a person set is passed on, and a real Genesys Cloud keeps its own credentials', () => {
  const base = {
    GENESYS_API_BASE: 'https://api.example.com',
    GENESYS_CLIENT_ID: 'real',
    ES_REQUIRED_HEALTH: 'yellow',
    PAYLOAD_KEY_FILE: '/run/secrets/payload',
  };
  const settings = processSettings(
    base,
    secrets,
    { ...addresses, genesysUrl: base.GENESYS_API_BASE },
    'guide',
  );
  expect(settings).toMatchObject(base);
  expect(settings).not.toHaveProperty('GENESYS_CLIENT_SECRET');
  expect(settings).not.toHaveProperty('PAYLOAD_KEY');
});

test.each(['GENESYS_API_BASE', 'GENESYS_SUBDOMAIN', 'GENESYS_REGION'])(
  '%s names a real Genesys Cloud',
  (name) => {
    expect(realGenesys({ [name]: 'given' })).toBe('given');
    const settings = processSettings({ [name]: 'given' }, secrets, addresses, 'guide');
    expect(settings).not.toHaveProperty('GENESYS_CLIENT_ID');
    expect(settings).not.toHaveProperty('GENESYS_CONTRACT');
  },
);

test('without one the simulator is spoken with', () => {
  expect(realGenesys({ GENESYS_API_BASE: '' })).toBeNull();
});

test('no process but the dashboard learns of a password, and none of the tokenization key', () => {
  const values = Object.values(processSettings({}, secrets, addresses, 'guide'));
  expect(values).not.toContain(secrets.DASHBOARD_OPERATOR_PASSWORD);
  expect(values).not.toContain(secrets.TOKENIZATION_KEY);
});

test('completion events go to the simulator, unless a person has a webhook', () => {
  expect(processSettings({}, secrets, addresses, 'guide')).toMatchObject({
    EVENT_BRIDGE_URL: 'http://127.0.0.1:8090/event-bridge',
    EVENT_BRIDGE_ALLOW_PRIVATE: 'true',
  });
  const own = processSettings({ EVENT_BRIDGE_URL: 'https://hooks.example.com' }, secrets, addresses, 'guide');
  expect(own).toMatchObject({ EVENT_BRIDGE_URL: 'https://hooks.example.com' });
  expect(own).not.toHaveProperty('EVENT_BRIDGE_ALLOW_PRIVATE');
});

test('the last day is archived when it is whole where it is simulated, and has settled where it is real', () => {
  expect(processSettings({}, secrets, addresses, 'guide')).toMatchObject({ ARCHIVE_SETTLE_SECONDS: '0' });
  const platform = processSettings({}, secrets, addresses, 'platform');
  expect(platform).toMatchObject({ ARCHIVE_SETTLE_SECONDS: '14400' });
  const own = { ARCHIVE_SETTLE_SECONDS: '60', ARCHIVE_PLAN_CRON: '0 3 * * *' };
  expect(processSettings(own, secrets, addresses, 'guide')).toMatchObject(own);
  const real = processSettings({ GENESYS_SUBDOMAIN: 'acme' }, secrets, addresses, 'guide');
  expect(real).not.toHaveProperty('ARCHIVE_SETTLE_SECONDS');
  expect(real).not.toHaveProperty('ARCHIVE_PLAN_CRON');
});

test.each([
  [{}, true],
  [{ FETCHER_PIPELINES: 'audit' }, false],
  [{ FETCHER_PIPELINES: 'audit, archive' }, true],
])('with %j conversations are archived: %s', (base, expected) => {
  expect(archives(base)).toBe(expected);
  expect(archives(processSettings(base, secrets, addresses, 'guide'))).toBe(expected);
});

test('a real Genesys Cloud brings no webhook of its own', () => {
  const settings = processSettings({ GENESYS_SUBDOMAIN: 'acme' }, secrets, addresses, 'guide');
  expect(settings).not.toHaveProperty('EVENT_BRIDGE_URL');
});

test('the archive goes to the S3 of this machine, whatever AWS account a person works with', () => {
  const base = { AWS_PROFILE: 'mine', AWS_ACCESS_KEY_ID: 'my-id', AWS_SESSION_TOKEN: 'my-token' };
  expect(processSettings(base, secrets, addresses, 'guide')).toMatchObject({
    S3_ENDPOINT: 'http://127.0.0.1:9000',
    S3_BUCKET: 'archives',
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local-id',
    AWS_SECRET_ACCESS_KEY: 'local-secret',
    AWS_PROFILE: '',
    AWS_SESSION_TOKEN: '',
  });
});

test('a bucket that a person named is reached as they set it', () => {
  const base = { S3_BUCKET: 'mine', AWS_REGION: 'eu-central-1', AWS_PROFILE: 'archive' };
  const settings = processSettings(base, secrets, { ...addresses, archive: null }, 'guide');
  expect(settings).toMatchObject(base);
  expect(settings).not.toHaveProperty('S3_ENDPOINT');
});

test('only the processes that need it get the tokenization key, and a person may name it by a file', () => {
  const settings = processSettings({}, secrets, addresses, 'guide');
  expect(tokenizingSettings(settings, secrets)).toMatchObject({ TOKENIZATION_KEY: 'tokens' });
  const byFile = { ...settings, TOKENIZATION_KEY_FILE: '/run/secrets/tokens' };
  expect(tokenizingSettings(byFile, secrets)).not.toHaveProperty('TOKENIZATION_KEY');
});

test('the simulator goes on for ever unless it is told how many events there are', () => {
  expect(simulatorSettings({}, options, secrets, where)).toMatchObject({
    SIMULATOR_EVENTS: 'null',
    SIMULATOR_RATE: '20',
    SIMULATOR_PORT: '8090',
    SIMULATOR_CLIENT_ID: 'client',
  });
});

test('until drained all events are there at once', () => {
  const drained = simulatorSettings({}, { ...options, untilDrained: true, events: 500 }, secrets, where);
  expect(drained).toMatchObject({ SIMULATOR_EVENTS: '500', SIMULATOR_BACKLOG: '500' });
});

test('a day of conversations is small enough to be archived while a person looks on', () => {
  const { SIMULATOR_ARCHIVE_CONVERSATIONS, SIMULATOR_ARCHIVE_BYTES } = simulatorSettings(
    {},
    options,
    secrets,
    where,
  );
  expect(Number(SIMULATOR_ARCHIVE_CONVERSATIONS)).toBeLessThan(1_000);
  expect(Number(SIMULATOR_ARCHIVE_BYTES)).toBeLessThan(20_000_000);
  const base = { SIMULATOR_ARCHIVE_BYTES: '5' };
  expect(simulatorSettings(base, options, secrets, where)).toMatchObject(base);
});

test('an argument wins over the environment, which wins over the default', () => {
  const base = { SIMULATOR_RATE: '5', SIMULATOR_SEED: 'mine' };
  expect(simulatorSettings(base, options, secrets, where)).toMatchObject(base);
  expect(simulatorSettings(base, { ...options, rate: 7 }, secrets, where)).toMatchObject({
    SIMULATOR_RATE: '7',
  });
});

test('the command line is given what was made for the processes and what a person set of Trunkline, and no more', () => {
  const base = { HOME: '/home/ana', OTHER_SECRET: 'hers', AUDIT_INDEX_PREFIX: 'mine-', AWS_PROFILE: 'hers' };
  const settings = processSettings(base, secrets, addresses, 'guide');
  const names = new Set(['AUDIT_INDEX_PREFIX', 'REDIS_URL', 'PAYLOAD_KEY']);
  const given = commandSettings(base, settings, names);
  expect(given).toMatchObject({
    AUDIT_INDEX_PREFIX: 'mine-',
    REDIS_URL: addresses.redisUrl,
    PAYLOAD_KEY: 'payload',
    AWS_ACCESS_KEY_ID: 'local-id',
    AWS_PROFILE: '',
  });
  expect(Object.keys(given)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(HOME|OTHER_SECRET)$/)]),
  );
});
