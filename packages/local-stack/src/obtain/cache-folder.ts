import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** The unprivileged account ("nobody") that runs what refuses to run as root. */
export const unprivileged = { uid: 65534, gid: 65534 };

/** Whether the unprivileged account can walk into a folder (or would, once it exists). */
export function reachableByAnyone(folder: string): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    try {
      if ((statSync(at).mode & 0o001) === 0) return false;
    } catch {
      // Not there yet: whoever makes it decides its mode.
    }
    if (at === path.dirname(at)) return true;
  }
}

function writable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Where downloads are kept for this user: `$TRUNKLINE_CACHE_DIR`, else `$XDG_CACHE_HOME/trunkline`, else `~/.cache/trunkline`.
 *
 * Root's home is closed to others, and Elasticsearch must not run as root: for root the cache moves to
 * `/var/cache/trunkline` where the home folder cannot be reached by the account that runs Elasticsearch.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['TRUNKLINE_CACHE_DIR'];
  if (own !== undefined && own !== '') return path.resolve(own);
  const xdg = environment['XDG_CACHE_HOME'];
  const ofUser = path.join(
    xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache'),
    'trunkline',
  );
  const ofMachine = '/var/cache/trunkline';
  if (process.getuid?.() === 0 && !reachableByAnyone(ofUser) && writable(ofMachine)) return ofMachine;
  return ofUser;
}
