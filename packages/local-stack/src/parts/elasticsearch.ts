import { createHash, randomBytes } from 'node:crypto';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownEnvironment } from '../keeper/kept-process.ts';
import { type Artifact, obtainArtifact } from '../obtain/artifact.ts';
import { cacheFolder, reachableByAnyone, unprivileged } from '../obtain/cache-folder.ts';
import { dockerAnswers, dockerRunArguments, pullImage, removeVolume, volumeFor } from '../obtain/docker.ts';
import { findJava } from '../obtain/java.ts';
import { elasticsearchAnswers, elasticsearchTrouble } from './elasticsearch-answers.ts';
import {
  elasticsearchArguments,
  elasticsearchContainerEnvironment,
  type JvmOptions,
  jvmOptions,
} from './elasticsearch-settings.ts';
import { externalPart } from './external-part.ts';
import { freePort } from './free-port.ts';
import { type PartRecipe, startManagedPart } from './managed-part.ts';
import { everySource, type Part, type PartOptions, type PartSource } from './part.ts';
import { fromFirstSource, SourceUnusable } from './try-sources.ts';

/** The image of docker-compose.yml. */
export const elasticsearchImage = 'elasticsearch:8.19.8';

/**
 * The real server without ILM, ingest processors, `GET /` and `_reindex`: what Elastic publishes for the integration
 * tests of plugins. SHA-1 51079966f4dfa6d1bb2ee4b4fb095545b20dd609.
 */
const elasticsearchArtifact: Artifact = {
  groupId: 'org.elasticsearch.distribution.integ-test-zip',
  artifactId: 'elasticsearch',
  version: '8.19.8',
  extension: 'zip',
  sizeBytes: 98_379_909,
  sha256: '8d943e94cef02cbceb6e39cd00175bb04e5f882fa32783a473880b8691a54376',
};

export interface ElasticsearchOptions extends PartOptions, JvmOptions {
  /** More settings of the node: `{'cluster.max_shards_per_node': '5000'}`. */
  settings?: Readonly<Record<string, string>>;
  /**
   * Its data goes with it and is small: it stands in memory where the machine has a file system there with room, else in the
   * temporary folder. A node waits for the disk at every change of its cluster, so that indices that come and go cost half as much.
   * Means nothing beside `dataDir`, nor in Docker. Default: false.
   */
  inMemory?: boolean;
}

/**
 * Starts an Elasticsearch, or takes the one that `ELASTICSEARCH_URL` names.
 * @throws PartUnavailable when no source has one; Error when the named one does not answer
 */
export async function startElasticsearch(options: ElasticsearchOptions = {}): Promise<Part> {
  const environment = options.environment ?? process.env;
  const url = environment['ELASTICSEARCH_URL'] ?? '';
  return fromFirstSource(
    'Elasticsearch',
    options.sources ?? everySource,
    {
      ...(url === '' ? {} : { environment: () => given(url) }),
      docker: () => inDocker(options),
      binary: () => fromHome(options, environment),
      download: () => fromDownload(options, environment),
    },
    'Install Docker, or Java 17 (for example the package openjdk-17-jre-headless, then set JAVA_HOME or PATH), or set ' +
      'ELASTICSEARCH_URL to an Elasticsearch that is running.',
  );
}

async function given(urls: string): Promise<Part> {
  const first = urls.split(',')[0]?.trim() ?? '';
  const trouble = await elasticsearchTrouble(first);
  if (trouble !== null) {
    throw new Error(
      `ELASTICSEARCH_URL is set, but no healthy Elasticsearch answers there (${trouble}). Start it, or unset ELASTICSEARCH_URL.`,
    );
  }
  return externalPart('Elasticsearch', urls);
}

async function inDocker(options: ElasticsearchOptions): Promise<Part> {
  if (!(await dockerAnswers())) throw new SourceUnusable('no Docker engine answers');
  options.onProgress?.(`fetching image ${elasticsearchImage}`, null);
  await pullImage(elasticsearchImage);
  const port = await freePort(options.port);
  const name = `trunkline-elasticsearch-${randomBytes(4).toString('hex')}`;
  const volume = options.dataDir === undefined ? name : volumeFor('elasticsearch', options.dataDir);
  const logs = await mkdtemp(path.join(tmpdir(), 'trunkline-es-'));
  return startManagedPart({
    ...common(options, port, 'docker'),
    container: name,
    temporaryFolders: [logs],
    ...(options.dataDir === undefined && { removeMore: () => removeVolume(volume) }),
    process: {
      command: 'docker',
      args: dockerRunArguments({
        name,
        image: elasticsearchImage,
        port,
        containerPort: 9200,
        data: { folder: '/usr/share/elasticsearch/data', volume },
        environment: elasticsearchContainerEnvironment(options, options.settings ?? {}),
        command: [],
      }),
      logFile: options.logFile ?? path.join(logs, 'elasticsearch.log'),
      afterExit: { command: 'docker', args: ['rm', '--force', name] },
    },
  });
}

async function fromHome(options: ElasticsearchOptions, environment: NodeJS.ProcessEnv): Promise<Part> {
  const home = environment['ES_HOME'] ?? '';
  if (home === '') throw new SourceUnusable('ES_HOME is not set');
  await stat(path.join(home, 'bin', 'elasticsearch')).catch(() => {
    throw new SourceUnusable(`ES_HOME (${home}) holds no bin/elasticsearch`);
  });
  // A full distribution brings its own Java.
  const bundled = path.join(home, 'jdk');
  const java = await stat(bundled).then(
    () => bundled,
    () => javaHome(environment),
  );
  return fromInstallation(home, java, 'binary', options);
}

async function fromDownload(options: ElasticsearchOptions, environment: NodeJS.ProcessEnv): Promise<Part> {
  const java = await javaHome(environment);
  const folder = await obtainArtifact(elasticsearchArtifact, options.onProgress);
  const home = path.join(folder, `elasticsearch-${elasticsearchArtifact.version}`);
  return fromInstallation(home, java, 'download', options);
}

async function javaHome(environment: NodeJS.ProcessEnv): Promise<string> {
  const answer = await findJava(environment);
  if (answer.java === null) {
    throw new SourceUnusable(`the download needs Java 17 or newer (${answer.found.join('; ')})`);
  }
  return answer.java.home;
}

async function fromInstallation(
  home: string,
  java: string,
  source: PartSource,
  options: ElasticsearchOptions,
): Promise<Part> {
  // Elasticsearch refuses to run as root.
  const user = process.getuid?.() === 0 ? unprivileged : null;
  const folder = await instanceFolder(options.dataDir, user !== null);
  const memory = options.inMemory === true && options.dataDir === undefined ? await memoryFolder() : null;
  const own = memory === null ? [folder] : [folder, memory];
  const folders = {
    data: memory ?? path.join(folder, 'data'),
    logs: path.join(folder, 'logs'),
    config: path.join(folder, 'config'),
    // It grants itself rights on its temporary folder: one that holds its other folders makes it die with
    // "invalid file entitlement".
    tmp: path.join(folder, 'tmp'),
  };
  await rm(folders.config, { recursive: true, force: true });
  await rm(folders.tmp, { recursive: true, force: true });
  for (const one of Object.values(folders)) await mkdir(one, { recursive: true });
  await cp(path.join(home, 'config'), folders.config, { recursive: true });
  if (user !== null) {
    await chmod(folder, 0o755);
    for (const one of own) await giveTo(one, user);
  }
  const httpPort = await freePort(options.port);
  const transportPort = await freePort();
  return startManagedPart({
    ...common(options, httpPort, source),
    container: null,
    temporaryFolders: options.dataDir === undefined ? own : [],
    process: {
      command: path.join(home, 'bin', 'elasticsearch'),
      args: elasticsearchArguments({
        httpPort,
        transportPort,
        dataFolder: folders.data,
        logFolder: folders.logs,
        settings: options.settings ?? {},
      }),
      cwd: folders.logs,
      env: {
        // Of the Java that starts the node and then waits for its end: the second compiler would only make the start longer.
        CLI_JAVA_OPTS: '-XX:TieredStopAtLevel=1',
        ...ownEnvironment(),
        HOME: folder,
        ES_JAVA_HOME: java,
        ES_PATH_CONF: folders.config,
        ES_TMPDIR: folders.tmp,
        ES_JAVA_OPTS: jvmOptions(options),
      },
      user,
      logFile: options.logFile ?? path.join(folder, 'elasticsearch.log'),
    },
  });
}

/**
 * The folder of this node's data, configuration and logs.
 *
 * Root's data folder may lie where the unprivileged account cannot walk (a clone in /root): then a folder of the
 * cache stands in for it, named after it, so that the next start finds it again.
 */
async function instanceFolder(dataDir: string | undefined, asOther: boolean): Promise<string> {
  if (dataDir === undefined) return mkdtemp(path.join(tmpdir(), 'trunkline-es-'));
  const folder = elasticsearchFolder(dataDir, asOther);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** What the data of hundreds of small indices stays far below. */
const memoryBytes = 2 * 1024 ** 3;

/** A new folder in Linux's file system in memory, or in the temporary folder where there is none with that much room. */
async function memoryFolder(): Promise<string> {
  const memory = '/dev/shm';
  const found = await statfs(memory).catch(() => null);
  const hasRoom = found !== null && found.bavail * found.bsize >= memoryBytes;
  return mkdtemp(path.join(hasRoom ? memory : tmpdir(), 'trunkline-es-data-'));
}

/** Where a node with this `dataDir` really keeps its data. */
export function elasticsearchFolder(dataDir: string, asOther = process.getuid?.() === 0): string {
  const folder = path.resolve(dataDir);
  if (!asOther || reachableByAnyone(path.dirname(folder))) return folder;
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return path.join(cacheFolder(), 'elasticsearch', name);
}

async function giveTo(folder: string, user: { uid: number; gid: number }): Promise<void> {
  await chown(folder, user.uid, user.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(file, user);
    else await chown(file, user.uid, user.gid);
  }
}

function common(
  options: ElasticsearchOptions,
  port: number,
  source: PartSource,
): Omit<PartRecipe, 'process' | 'container' | 'temporaryFolders'> {
  const url = `http://127.0.0.1:${port}`;
  return {
    name: 'Elasticsearch',
    url,
    source,
    answers: () => elasticsearchAnswers(url),
    startLimitMs: 180_000,
    // A start takes 10 to 20 s on two cores.
    onWait: (elapsedMs) => options.onProgress?.('starting', Math.min(0.95, elapsedMs / 15_000)),
  };
}
