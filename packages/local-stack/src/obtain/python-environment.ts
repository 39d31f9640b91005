import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-folder.ts';
import { withLock } from './folder-lock.ts';
import type { Progress } from './progress.ts';
import type { Python } from './python.ts';

const run = promisify(execFile);
const makeLimitMs = 60_000;
const installLimitMs = 900_000;

/**
 * The interpreter of a virtual environment that holds what a requirements file names, installed on first use and kept for the
 * user. Every file is pinned there by its hash; pip asks the index that this machine is configured for.
 *
 * The environment appears by one rename, when all is in it. It is one of this interpreter and of this requirements file:
 * another of either gets another.
 * @param name what it is called in the cache: `moto`
 * @throws Error when it cannot be made, or something could not be downloaded or is not what was pinned
 */
export async function obtainPythonEnvironment(
  name: string,
  requirementsFile: string,
  python: Python,
  onProgress: Progress = () => {},
): Promise<string> {
  const requirements = await readFile(requirementsFile);
  const identity = createHash('sha256')
    .update(`${python.command} ${python.version}\n`)
    .update(requirements)
    .digest('hex');
  const parent = path.join(cacheFolder(), 'python');
  const folder = path.join(parent, `${name}-${identity.slice(0, 12)}`);
  const interpreter = path.join(folder, 'bin', 'python');
  if (await exists(interpreter)) return interpreter;
  return withLock(
    `${folder}.lock`,
    async () => {
      if (await exists(interpreter)) return interpreter;
      await mkdir(parent, { recursive: true });
      const work = await mkdtemp(path.join(parent, '.incoming-'));
      try {
        const made = path.join(work, 'environment');
        onProgress(`making a Python environment for ${name}`, null);
        const pip = await makeEnvironment(python, made);
        onProgress(`downloading ${name}`, null);
        await install(pip, requirementsFile, name);
        // One whose interpreter is gone (an upgrade of Python) is in the way.
        await rm(folder, { recursive: true, force: true });
        await rename(made, folder).catch(async (error: NodeJS.ErrnoException) => {
          // Another process was faster; both installed the same files.
          if (!(await exists(interpreter))) throw error;
        });
        return interpreter;
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
    () => onProgress(`waiting for another download of ${name}`, null),
  );
}

/** Makes a virtual environment; resolves with the command that is its pip. */
async function makeEnvironment(python: Python, folder: string): Promise<string[]> {
  const interpreter = path.join(folder, 'bin', 'python');
  const make = (...options: string[]): Promise<unknown> =>
    run(python.command, ['-m', 'venv', '--clear', ...options, folder], { timeout: makeLimitMs });
  const bare = async (): Promise<string[]> => {
    // Debian leaves ensurepip out of its Python; a pip of the machine can install into the environment from outside.
    await make('--without-pip');
    const pip = [python.command, '-m', 'pip', '--python', interpreter];
    await run(pip[0] as string, [...pip.slice(1), '--version'], { timeout: makeLimitMs });
    return pip;
  };
  return make()
    .then(() => [interpreter, '-m', 'pip'])
    .catch(() => bare())
    .catch((error: Error) => {
      throw new Error(
        `${python.command} can make no virtual environment with pip (on Debian and Ubuntu: apt-get install python3-venv)`,
        { cause: error },
      );
    });
}

async function install([command = '', ...pip]: string[], requirements: string, name: string): Promise<void> {
  const args = [...pip, 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
  try {
    await run(command, [...args, '--require-hashes', '--only-binary', ':all:', '-r', requirements], {
      timeout: installLimitMs,
    });
  } catch (error) {
    const said = String((error as { stderr?: string }).stderr ?? '').trim();
    const last = said.split('\n').findLast((line) => line.startsWith('ERROR')) ?? said.split('\n').at(-1);
    throw new Error(`pip could not install ${name}: ${last || (error as Error).message}`, { cause: error });
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
