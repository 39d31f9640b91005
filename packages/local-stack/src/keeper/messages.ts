/** What a parent and its keeper say to each other, over the channel that `fork` opens between them. */

export interface AfterExit {
  command: string;
  args: string[];
}

export interface SpawnRequest {
  kind: 'spawn';
  id: number;
  command: string;
  args: string[];
  cwd: string;
  env: Record<string, string>;
  /** User and group to run as; `null` = those of the parent. */
  user: { uid: number; gid: number } | null;
  /** stdout and stderr are appended here. */
  logFile: string;
  /** Run once the process is gone, whatever ended it (removes a container that outlived its client). */
  afterExit: AfterExit | null;
  /** Removed once the process is gone and its parent, too: whoever lives tidies up by itself, and may start it again before. */
  temporaryFolders: readonly string[];
}

interface SignalRequest {
  kind: 'signal';
  id: number;
  signal: NodeJS.Signals;
}

export type KeeperRequest = SpawnRequest | SignalRequest;

export type KeeperReply =
  | { kind: 'started'; id: number; pid: number }
  | { kind: 'failed'; id: number; message: string }
  | { kind: 'exited'; id: number; code: number | null; signal: NodeJS.Signals | null };
