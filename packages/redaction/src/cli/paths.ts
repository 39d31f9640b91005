import { resolve } from 'node:path';

/** A path as the caller meant it: package scripts run in the package's folder, INIT_CWD is where they were called. */
export function callerPath(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}
