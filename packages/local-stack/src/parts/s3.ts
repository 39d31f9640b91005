import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerAnswers, dockerRunArguments, pullImage, removeVolume, volumeFor } from '../obtain/docker.ts';
import { findPython } from '../obtain/python.ts';
import { obtainPythonEnvironment } from '../obtain/python-environment.ts';
import { externalPart } from './external-part.ts';
import { freePort } from './free-port.ts';
import { type PartRecipe, startManagedPart } from './managed-part.ts';
import { everySource, type Part, type PartOptions, type PartSource } from './part.ts';
import { fromFirstSource, SourceUnusable } from './try-sources.ts';

const run = promisify(execFile);

/** The image of docker-compose.yml: of the version that the download is of. */
export const s3Image = 'motoserver/moto:5.2.5';
/**
 * The server reaches into moto's own objects, which another minor version may call otherwise. Older patches answer
 * GetBucketPolicyStatus with what the SDK cannot read.
 */
const motoVersion = /^5\.2\.([5-9]|\d\d)/;

/** All that the server imports of moto. */
const importProbe = 'import moto.server, moto.s3.models, moto.kms.models; print(moto.__version__)';

const serverFile = fileURLToPath(new URL('../../s3/server.py', import.meta.url));
const requirementsFile = fileURLToPath(new URL('../../s3/requirements.txt', import.meta.url));

export interface S3Options extends PartOptions {
  /**
   * A bucket that is there when it answers: encrypted with AES256, closed to the public, TLS only (loopback counts as such).
   * An S3 of the environment gets none.
   */
  bucket?: string;
}

/** How an S3 is reached, by the names of the AWS SDK's configuration. */
export interface S3Access {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Region and credentials for an S3 of this machine, which takes any; the environment's own where it names an S3. */
export function s3AccessOf(part: Part, environment: NodeJS.ProcessEnv = process.env): S3Access {
  const given = part.source === 'environment' ? environment : {};
  return {
    endpoint: part.url,
    region: given['AWS_REGION'] || 'us-east-1',
    accessKeyId: given['AWS_ACCESS_KEY_ID'] || 'trunkline-local',
    secretAccessKey: given['AWS_SECRET_ACCESS_KEY'] || 'trunkline-local',
  };
}

/** Whether something answers HTTP requests at `url` within two seconds: an S3 tells no more to who has no credentials. */
export async function s3Answers(url: string): Promise<boolean> {
  return (await s3Trouble(url)) === null;
}

async function s3Trouble(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.status < 500 ? null : `status ${answer.status}`;
  } catch (error) {
    const { cause, name } = error as Error;
    // The message of an error without a cause may hold the address, credentials and all.
    return cause instanceof Error ? cause.message : name;
  }
}

/**
 * Starts an S3 (with KMS), or takes the one that `S3_ENDPOINT` names. It has path-style addresses only.
 *
 * Objects and settings survive its end, kill -9 included (`s3/server.py` tells how).
 * @throws PartUnavailable when no source has one; Error when the named one does not answer
 */
export async function startS3(options: S3Options = {}): Promise<Part> {
  const environment = options.environment ?? process.env;
  const url = environment['S3_ENDPOINT'] ?? '';
  return fromFirstSource(
    'S3',
    options.sources ?? everySource,
    {
      ...(url === '' ? {} : { environment: () => given(url) }),
      docker: () => inDocker(options),
      binary: () => fromInstalledMoto(options, environment),
      download: () => fromDownload(options, environment),
    },
    'Install Docker, or Python 3.10 with venv (on Debian and Ubuntu: apt-get install python3-venv), or set S3_ENDPOINT to an ' +
      'S3 that is running.',
  );
}

async function given(url: string): Promise<Part> {
  const trouble = await s3Trouble(url);
  if (trouble !== null) {
    throw new Error(
      `S3_ENDPOINT is set, but no S3 answers there (${trouble}). Start it, or unset S3_ENDPOINT.`,
    );
  }
  return externalPart('S3', url);
}

async function inDocker(options: S3Options): Promise<Part> {
  if (!(await dockerAnswers())) throw new SourceUnusable('no Docker engine answers');
  options.onProgress?.(`fetching image ${s3Image}`, null);
  await pullImage(s3Image);
  const port = await freePort(options.port);
  const folder = await dataFolder(options);
  const name = `trunkline-s3-${randomBytes(4).toString('hex')}`;
  const volume = options.dataDir === undefined ? name : volumeFor('s3', options.dataDir);
  return startManagedPart({
    ...common(options, port, 'docker', folder),
    container: name,
    process: {
      command: 'docker',
      args: dockerRunArguments({
        name,
        image: s3Image,
        port,
        containerPort: 5000,
        data: { folder: '/data', volume },
        environment: {},
        file: { host: serverFile, container: '/trunkline/server.py' },
        entrypoint: 'python',
        command: [
          '/trunkline/server.py',
          '--host',
          '0.0.0.0',
          ...serverArguments(5_000, '/data', options.bucket),
        ],
      }),
      logFile: options.logFile ?? path.join(folder, 's3.log'),
      afterExit: { command: 'docker', args: ['rm', '--force', name] },
    },
    ...(options.dataDir === undefined && { removeMore: () => removeVolume(volume) }),
  });
}

/** moto as it is installed where `moto_server` can be called; the interpreter is then the one of PATH. */
async function fromInstalledMoto(options: S3Options, environment: NodeJS.ProcessEnv): Promise<Part> {
  const { python } = await findPython(environment);
  if (python === null) throw new SourceUnusable('no moto_server on PATH');
  const version = await run(python.command, ['-c', importProbe], {
    timeout: 30_000,
    env: environment,
  }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
  if (version === null) throw new SourceUnusable('the python3 on PATH has no moto with its server');
  if (!motoVersion.test(version)) {
    throw new SourceUnusable(`the python3 on PATH has moto ${version}, needed is 5.2.5 or a later 5.2`);
  }
  return fromPython([python.command], 'binary', options);
}

async function fromDownload(options: S3Options, environment: NodeJS.ProcessEnv): Promise<Part> {
  const answer = await findPython(environment);
  if (answer.python === null) {
    throw new SourceUnusable(`the download needs Python 3.10 or newer (${answer.found})`);
  }
  const interpreter = await obtainPythonEnvironment(
    'moto',
    requirementsFile,
    answer.python,
    options.onProgress,
  );
  // -I: nothing of this user's own Python mixes in.
  return fromPython([interpreter, '-I'], 'download', options);
}

async function fromPython(
  [interpreter = '', ...flags]: string[],
  source: PartSource,
  options: S3Options,
): Promise<Part> {
  const port = await freePort(options.port);
  const folder = await dataFolder(options);
  return startManagedPart({
    ...common(options, port, source, folder),
    container: null,
    process: {
      command: interpreter,
      // -B: no compiled file beside the source.
      args: [...flags, '-B', serverFile, ...serverArguments(port, path.join(folder, 'data'), options.bucket)],
      cwd: folder,
      logFile: options.logFile ?? path.join(folder, 's3.log'),
    },
  });
}

function serverArguments(port: number, data: string, bucket: string | undefined): string[] {
  const making = bucket === undefined ? [] : ['--bucket', bucket];
  return ['--port', String(port), '--data', data, ...making];
}

/** The data folder; for a part without one a temporary folder that `stop()` removes. */
async function dataFolder(options: PartOptions): Promise<string> {
  if (options.dataDir === undefined) return mkdtemp(path.join(tmpdir(), 'trunkline-s3-'));
  await mkdir(options.dataDir, { recursive: true });
  return path.resolve(options.dataDir);
}

function common(
  options: PartOptions,
  port: number,
  source: PartSource,
  folder: string,
): Omit<PartRecipe, 'process' | 'container'> {
  const url = `http://127.0.0.1:${port}`;
  return {
    name: 'S3',
    url,
    source,
    answers: () => s3Answers(url),
    startLimitMs: 60_000,
    onWait: () => options.onProgress?.('starting', null),
    temporaryFolders: options.dataDir === undefined ? [folder] : [],
  };
}
