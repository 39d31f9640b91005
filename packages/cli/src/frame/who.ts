import { hostname, userInfo } from 'node:os';

/** Who runs the command, for records and logs: `user@host`. */
export function whoRuns(): string {
  return `${userName()}@${hostname()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`; // a container may have no entry for its user
  }
}
