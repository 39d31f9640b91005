import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheFolder } from './cache-folder.ts';
import { withLock } from './folder-lock.ts';
import type { Progress } from './progress.ts';
import { unzip } from './unzip.ts';

/** A file of the Maven registry, pinned by its content. */
export interface Artifact {
  groupId: string;
  artifactId: string;
  version: string;
  extension: 'jar' | 'zip';
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** Which entries to unpack; default all. */
  wanted?: (name: string) => boolean;
}

// CommonJS with `exports.default`, which Node and vitest import differently; `require` is the same everywhere.
const { default: download } = createRequire(import.meta.url)(
  'mvn-artifact-download',
) as typeof import('mvn-artifact-download');

/**
 * The folder that holds the unpacked artifact, downloaded on first use and kept for the user.
 *
 * The folder appears by one rename, after size and SHA-256 were found right: whoever sees it may use it. Several
 * processes may ask at once; the first downloads, the others wait.
 *
 * `TRUNKLINE_MAVEN_REPOSITORY` names another repository (a company's mirror), with a trailing slash.
 * @throws Error when it cannot be downloaded or is not what was pinned
 */
export async function obtainArtifact(artifact: Artifact, onProgress: Progress = () => {}): Promise<string> {
  const cache = cacheFolder();
  const name = `${artifact.artifactId}-${artifact.version}`;
  const folder = path.join(cache, 'artifacts', `${name}-${artifact.sha256.slice(0, 12)}`);
  if (await exists(folder)) return folder;
  return withLock(
    `${folder}.lock`,
    async () => {
      if (await exists(folder)) return folder;
      const work = await mkdtemp(path.join(cache, 'artifacts', '.incoming-'));
      try {
        const file = await fetchVerified(artifact, name, work, onProgress);
        onProgress(`unpacking ${name}`, null);
        const unpacked = path.join(work, 'unpacked');
        await mkdir(unpacked);
        await unzip(file, unpacked, artifact.wanted);
        await chmod(unpacked, 0o755);
        await rename(unpacked, folder).catch(async (error: NodeJS.ErrnoException) => {
          // Another process was faster; both unpacked the same bytes.
          if (!(await exists(folder))) throw error;
        });
        return folder;
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
    () => onProgress(`waiting for another download of ${name}`, null),
  );
}

async function fetchVerified(
  artifact: Artifact,
  name: string,
  folder: string,
  onProgress: Progress,
): Promise<string> {
  const fileName = `${name}.${artifact.extension}`;
  const file = path.join(folder, fileName);
  const step = `downloading ${name} (${(artifact.sizeBytes / 1e6).toFixed(0)} MB)`;
  onProgress(step, 0);
  // The downloader tells nothing on its way: how far it is shows in the file that it writes.
  const watch = setInterval(() => {
    stat(file).then(
      (seen) => onProgress(step, Math.min(1, seen.size / artifact.sizeBytes)),
      () => {},
    );
  }, 250);
  try {
    await download(artifact, folder, process.env['TRUNKLINE_MAVEN_REPOSITORY'], fileName);
  } catch (error) {
    const { message } = error as Error;
    const remedy = /certificate/.test(message)
      ? ' Where your network opens TLS connections, NODE_EXTRA_CA_CERTS names the file with its certificate.'
      : '';
    throw new Error(`${fileName} could not be downloaded: ${message}.${remedy}`, { cause: error });
  } finally {
    clearInterval(watch);
  }
  onProgress(`verifying ${name}`, null);
  const { size } = await stat(file);
  if (size !== artifact.sizeBytes) {
    throw new Error(`${fileName} has ${size} bytes instead of ${artifact.sizeBytes}: download refused.`);
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const found = hash.digest('hex');
  if (found !== artifact.sha256) {
    throw new Error(`${fileName} has SHA-256 ${found} instead of ${artifact.sha256}: download refused.`);
  }
  return file;
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
