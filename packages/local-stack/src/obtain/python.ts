import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What moto asks for. */
const oldestMinor = 10;

export interface Python {
  /** The interpreter itself, not a shim that chooses one. */
  command: string;
  /** `3.11`. */
  version: string;
}

/** Pure: reads what `probe` prints. @returns null where that is not what was printed */
export function readPython(text: string): Python | null {
  const [, version, command] = /^(3\.\d+) (.+)$/m.exec(text) ?? [];
  return version === undefined || command === undefined ? null : { command, version };
}

const probe = 'import sys; print("%d.%d %s" % (sys.version_info[0], sys.version_info[1], sys.executable))';

/**
 * The Python 3.10 or newer that PATH has.
 * @returns `python`, or what was found instead in a few words
 */
export async function findPython(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<{ python: Python } | { python: null; found: string }> {
  const { stdout } = await run('python3', ['-c', probe], { timeout: 20_000, env: environment }).catch(() => ({
    stdout: '',
  }));
  const python = readPython(stdout);
  if (python === null) return { python: null, found: 'no python3 on PATH that starts' };
  return Number(python.version.split('.')[1]) >= oldestMinor
    ? { python }
    : {
        python: null,
        found: `python3 on PATH is ${python.version}, needed is 3.${oldestMinor} or newer`,
      };
}
