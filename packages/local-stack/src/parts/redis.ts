import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { type Artifact, obtainArtifact } from '../obtain/artifact.ts';
import { dockerAnswers, dockerRunArguments, pullImage, removeVolume, volumeFor } from '../obtain/docker.ts';
import { externalPart } from './external-part.ts';
import { freePort } from './free-port.ts';
import { type PartRecipe, startManagedPart } from './managed-part.ts';
import { everySource, type Part, type PartOptions, type PartSource } from './part.ts';
import { fromFirstSource, SourceUnusable } from './try-sources.ts';

const run = promisify(execFile);

/** The image of docker-compose.yml; the download is of the oldest version that Trunkline is tested on. */
export const redisImage = 'redis:7.4-alpine';
const oldestMajor = 7;

/** A jar that carries redis-server 7.0.15 for Linux and macOS. SHA-1 323e4d7ea4a34b89fb0f4936baec87098f798546. */
const redisArtifact: Artifact = {
  groupId: 'org.signal',
  artifactId: 'embedded-redis',
  version: '0.9.1',
  extension: 'jar',
  sizeBytes: 11_393_184,
  sha256: 'c01fe66ecf3b9d3161958e9a0e721aaf74ce98a909faca103fc8d09ff7617827',
  wanted: (name) => name.startsWith('redis-server-'),
};

/** What Trunkline needs of a Redis: nothing evicted, and a restart loses at most a second. The log is enough on disk. */
const safeSettings = [
  '--save',
  '',
  '--maxmemory-policy',
  'noeviction',
  '--appendonly',
  'yes',
  '--appendfsync',
  'everysec',
];

export interface RedisOptions extends PartOptions {
  /** More settings, as `redis-server` takes them: `['--maxmemory', '64mb']`. They win over the safe ones. */
  settings?: readonly string[];
}

/** Whether a Redis answers PING at `url` within two seconds. */
export async function redisAnswers(url: string): Promise<boolean> {
  return (await redisTrouble(url)) === null;
}

/** Why no Redis answers at `url`; `null` when one does. Names no credentials. */
async function redisTrouble(url: string): Promise<string | null> {
  let trouble: string | null = null;
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', (error: Error) => {
    trouble = error.message;
  });
  try {
    await client.connect();
    await client.ping();
    return null;
  } catch (error) {
    return trouble ?? (error as Error).message;
  } finally {
    client.disconnect();
  }
}

/**
 * Starts a Redis, or takes the one that `REDIS_URL` names.
 * @throws PartUnavailable when no source has one; Error when the named one does not answer
 */
export async function startRedis(options: RedisOptions = {}): Promise<Part> {
  const environment = options.environment ?? process.env;
  const url = environment['REDIS_URL'] ?? '';
  return fromFirstSource(
    'Redis',
    options.sources ?? everySource,
    {
      ...(url === '' ? {} : { environment: () => given(url) }),
      docker: () => inDocker(options),
      binary: () => fromPath(options, environment),
      download: () => fromDownload(options),
    },
    'Install Docker or redis-server 7, or set REDIS_URL to a Redis that is running.',
  );
}

async function given(url: string): Promise<Part> {
  const trouble = await redisTrouble(url);
  if (trouble !== null) {
    throw new Error(
      `REDIS_URL is set, but no Redis answers there (${trouble}). Start it, or unset REDIS_URL.`,
    );
  }
  return externalPart('Redis', url);
}

async function inDocker(options: RedisOptions): Promise<Part> {
  if (!(await dockerAnswers())) throw new SourceUnusable('no Docker engine answers');
  options.onProgress?.(`fetching image ${redisImage}`, null);
  await pullImage(redisImage);
  const port = await freePort(options.port);
  const folder = await logFolder(options);
  const name = `trunkline-redis-${randomBytes(4).toString('hex')}`;
  const volume = options.dataDir === undefined ? name : volumeFor('redis', options.dataDir);
  return startManagedPart({
    ...common(options, port, 'docker', folder),
    container: name,
    process: {
      command: 'docker',
      args: dockerRunArguments({
        name,
        image: redisImage,
        port,
        containerPort: 6379,
        data: { folder: '/data', volume },
        environment: {},
        command: ['redis-server', ...safeSettings, ...(options.settings ?? [])],
      }),
      logFile: options.logFile ?? path.join(folder, 'redis.log'),
      afterExit: { command: 'docker', args: ['rm', '--force', name] },
    },
    ...(options.dataDir === undefined && { removeMore: () => removeVolume(volume) }),
  });
}

async function fromPath(options: RedisOptions, environment: NodeJS.ProcessEnv): Promise<Part> {
  const version = await run('redis-server', ['--version'], { timeout: 10_000, env: environment }).then(
    ({ stdout }) => /v=(\d+)\.\S+/.exec(stdout),
    () => null,
  );
  if (version === null) throw new SourceUnusable('no redis-server on PATH');
  if (Number(version[1]) < oldestMajor) {
    throw new SourceUnusable(
      `redis-server on PATH is ${version[0].slice(2)}, needed is ${oldestMajor} or newer`,
    );
  }
  return fromBinary('redis-server', 'binary', options);
}

async function fromDownload(options: RedisOptions): Promise<Part> {
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string];
  if (architecture === undefined || !['linux', 'darwin'].includes(process.platform)) {
    throw new SourceUnusable(`no Redis to download for ${process.platform} on ${process.arch}`);
  }
  const folder = await obtainArtifact(redisArtifact, options.onProgress);
  const binary = path.join(folder, `redis-server-7.0.15-${process.platform}-${architecture}`);
  // A jar keeps no Unix modes.
  await chmod(binary, 0o755);
  return fromBinary(binary, 'download', options);
}

async function fromBinary(command: string, source: PartSource, options: RedisOptions): Promise<Part> {
  const port = await freePort(options.port);
  const folder = await logFolder(options);
  return startManagedPart({
    ...common(options, port, source, folder),
    container: null,
    process: {
      command,
      args: [
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--dir',
        folder,
        ...safeSettings,
        ...(options.settings ?? []),
      ],
      cwd: folder,
      logFile: options.logFile ?? path.join(folder, 'redis.log'),
    },
  });
}

/** The data folder; for a part without one a temporary folder that `stop()` removes. */
async function logFolder(options: RedisOptions): Promise<string> {
  if (options.dataDir === undefined) return mkdtemp(path.join(tmpdir(), 'trunkline-redis-'));
  await mkdir(options.dataDir, { recursive: true });
  return path.resolve(options.dataDir);
}

function common(
  options: RedisOptions,
  port: number,
  source: PartSource,
  folder: string,
): Omit<PartRecipe, 'process' | 'container'> {
  const url = `redis://127.0.0.1:${port}`;
  return {
    name: 'Redis',
    url,
    source,
    answers: () => redisAnswers(url),
    startLimitMs: 60_000,
    onWait: () => options.onProgress?.('starting', null),
    temporaryFolders: options.dataDir === undefined ? [folder] : [],
  };
}
