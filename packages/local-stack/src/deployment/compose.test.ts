import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stageSettings } from '@trunkline/service';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { elasticsearchImage } from '../parts/elasticsearch.ts';
import { redisImage } from '../parts/redis.ts';
import { s3Image } from '../parts/s3.ts';

/** docker-compose.yml and Dockerfile, held to their rules: no Docker engine is needed to break one of these. */

interface ComposeService {
  image: string;
  build?: string;
  entrypoint?: string[];
  command?: string[];
  container_name?: string;
  ports?: string[];
  user?: string;
  privileged?: boolean;
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  restart?: string;
  profiles?: string[];
  configs?: { source: string; target: string }[];
  environment?: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  volumes?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  stop_grace_period?: string;
}

const root = path.join(import.meta.dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  configs: Record<string, { file: string }>;
};
const services = Object.entries(compose.services);
const processes = services.filter(([, service]) => service.build !== undefined);
const dockerfile = read('Dockerfile');
const manifest = JSON.parse(read('package.json')) as { packageManager: string; engines: { node: string } };

test('everything that Trunkline is made of has a service', () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    [
      'dashboard',
      'elasticsearch',
      'fetcher',
      'indexer',
      'redactor',
      'redis',
      's3',
      'simulator',
      'uploader',
    ].sort(),
  );
});

test('what stands in for the real Genesys Cloud and S3 runs only where it is asked for', () => {
  const asked = services.filter(([, service]) => service.profiles !== undefined);
  expect(asked.map(([name, service]) => [name, service.profiles])).toEqual([
    ['simulator', ['simulator']],
    ['s3', ['simulator']],
  ]);
});

describe.each(services)('%s', (_name, service) => {
  test('has an exact image, a health check and a restart policy', () => {
    expect(service.image).toMatch(/:\d+\.\d+/);
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.restart).toBe('unless-stopped');
  });

  test('has no fixed name, no rights beyond its own, and no port that others can reach', () => {
    expect(service.container_name).toBeUndefined();
    expect(service.privileged).toBeUndefined();
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('keeps no secret in the file', () => {
    const names = Object.keys(service.environment ?? {});
    expect(names.filter((name) => /(KEY|SECRET|PASSWORD|TOKEN|USERS)$/.test(name))).toEqual([]);
  });

  test('names only volumes that are declared', () => {
    for (const volume of service.volumes ?? [])
      expect(compose.volumes).toHaveProperty([volume.split(':')[0] ?? '']);
  });

  test('waits for the health of what it needs', () => {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(compose.services[needed]?.healthcheck).toBeDefined();
      expect(condition).toBe('service_healthy');
    }
  });
});

describe.each(processes)('the process %s', (name, service) => {
  test('runs a program that is built, with its settings from the env file', () => {
    expect(service.command).toEqual(['node', `packages/${name}/dist/main.js`]);
    expect(existsSync(path.join(root, 'packages', name, 'src', 'main.ts'))).toBe(true);
    expect(service.env_file).toEqual([expect.objectContaining({ required: true })]);
    expect(dockerfile).toContain(`@trunkline/${name}...`);
  });

  test('cannot change its own program, nor gain rights', () => {
    expect(service.user).toBe('node');
    expect(service.read_only).toBe(true);
    expect(service.tmpfs?.[0]).toMatch(/^\/tmp/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
  });

  test('gets the time that it needs to finish its jobs', () => {
    expect(Number.parseInt(service.stop_grace_period ?? '0', 10)).toBeGreaterThan(25);
  });
});

test.each([
  // Fetchers may share their spool: a file a batch, and one that another took is gone.
  ['fetcher', ['spool-data:/var/lib/trunkline/spool', 'stage-data:/var/lib/trunkline/stage']],
  ['indexer', undefined],
  ['redactor', ['stage-data:/var/lib/trunkline/stage']],
  ['uploader', ['stage-data:/var/lib/trunkline/stage']],
])('%s can be scaled: nothing of it is there only once', (name, volumes) => {
  const service = compose.services[name];
  expect(service?.ports).toBeUndefined();
  expect(service?.volumes).toEqual(volumes);
});

test('fetcher, redactor and uploader meet in one stage', () => {
  const stages = ['fetcher', 'redactor', 'uploader'].map((name) =>
    compose.services[name]?.volumes?.filter((volume) => volume.startsWith('stage-data:')),
  );
  const stage = new URL(stageSettings.url.default ?? '').pathname;
  expect(stages).toEqual(Array(3).fill([`stage-data:${stage}`]));
  // A volume takes over the owner of what the image has there.
  expect(dockerfile).toMatch(new RegExp(`install -d -o node -g node .*${stage}`));
});

test('both pipelines run', () => {
  for (const [, service] of processes) expect(service.environment).not.toHaveProperty('FETCHER_PIPELINES');
});

test('the parts are those that npm start takes from Docker', () => {
  expect(compose.services['redis']?.image).toBe(redisImage);
  expect(compose.services['elasticsearch']?.image).toBe(elasticsearchImage);
  expect(compose.services['s3']?.image).toBe(s3Image);
});

test('the S3 runs the server of this repository on its data', () => {
  const { entrypoint, command, configs } = compose.services['s3'] ?? {};
  expect([...(entrypoint ?? []), ...(command ?? [])].join(' ')).toBe(
    'python /trunkline/server.py --host 0.0.0.0 --port 5000 --data /data --bucket trunkline-archives',
  );
  expect(configs).toEqual([{ source: 's3-server', target: '/trunkline/server.py' }]);
  expect(existsSync(path.join(root, compose.configs['s3-server']?.file ?? ''))).toBe(true);
});

test('Redis evicts nothing and writes everything to disk', () => {
  expect(compose.services['redis']?.command?.join(' ')).toContain(
    '--maxmemory-policy noeviction --appendonly yes --appendfsync everysec',
  );
});

test('the image is built and run with Node 24, with the pnpm of the workspace, and not by root', () => {
  const stages = dockerfile.split(/^FROM /m).slice(1);
  expect(stages.length).toBeGreaterThan(1);
  for (const stage of stages) expect(stage).toMatch(/^node:24-/);
  const pnpms = dockerfile.match(/pnpm@[\d.]+/g) ?? [];
  expect(new Set(pnpms)).toEqual(new Set([manifest.packageManager]));
  expect(stages.at(-1)?.match(/^USER (.+)$/m)?.[1]).toBe('node');
});

test.each(['.git', '**/node_modules', '.trunkline', '**/*.env'])('%s stays out of the image', (pattern) => {
  expect(read('.dockerignore').split('\n')).toContain(pattern);
});
