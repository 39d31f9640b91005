import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Every container that Trunkline starts on a developer's machine carries this label. */
const dockerLabel = 'io.trunkline.local-stack';

/** Whether a Docker engine answers (the command alone is not enough). */
export async function dockerAnswers(): Promise<boolean> {
  try {
    const { stdout } = await run('docker', ['version', '--format', '{{.Server.Version}}'], {
      timeout: 5_000,
    });
    return stdout.trim() !== '';
  } catch {
    return false;
  }
}

/** Makes sure that the image is at hand; a pull may take minutes. */
export async function pullImage(image: string): Promise<void> {
  try {
    await run('docker', ['image', 'inspect', image], { timeout: 30_000 });
  } catch {
    await run('docker', ['pull', '--quiet', image], { timeout: 900_000 });
  }
}

export interface Container {
  name: string;
  image: string;
  port: number;
  containerPort: number;
  /** Folder inside the container that holds the data, and the named volume that keeps it. */
  data: { folder: string; volume: string };
  environment: Record<string, string>;
  /** A file of this machine that the container may read. */
  file?: { host: string; container: string };
  /** Program that is run instead of the image's own. */
  entrypoint?: string;
  /** Arguments after the image's name. */
  command: string[];
}

/**
 * The volume that stands for a data folder: containers write as users that the folder's owner does not know. A container
 * is removed whenever it ends, so that even data that nobody keeps lies in a volume while its part is only taken down.
 */
export function volumeFor(part: string, dataDir: string): string {
  return `trunkline-${part}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
}

/**
 * The arguments of `docker run`, in the foreground: its client forwards SIGTERM to the container and ends with it.
 * The port is bound to loopback only.
 */
export function dockerRunArguments(container: Container): string[] {
  return [
    'run',
    '--rm',
    '--name',
    container.name,
    '--label',
    dockerLabel,
    '--publish',
    `127.0.0.1:${container.port}:${container.containerPort}`,
    '--volume',
    `${container.data.volume}:${container.data.folder}`,
    ...Object.entries(container.environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...(container.file === undefined
      ? []
      : ['--volume', `${container.file.host}:${container.file.container}:ro`]),
    ...(container.entrypoint === undefined ? [] : ['--entrypoint', container.entrypoint]),
    container.image,
    ...container.command,
  ];
}

/** Removes a volume that no container uses; one that is not there is no error. */
export async function removeVolume(volume: string): Promise<void> {
  await run('docker', ['volume', 'rm', '--force', volume], { timeout: 30_000 });
}
