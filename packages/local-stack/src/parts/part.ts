import type { Progress } from '../obtain/progress.ts';

/** Where a part came from. */
export type PartSource = 'environment' | 'docker' | 'binary' | 'download';

/** A Redis, an Elasticsearch or an S3 that answers at `url`. */
export interface Part {
  readonly url: string;
  readonly source: PartSource;
  /** Process (group) id; `null` for a part that runs elsewhere or is down at the moment. */
  readonly pid: number | null;
  /**
   * Ends it for good; what it kept in a temporary folder goes too. Does nothing to a part of the environment.
   * @param graceMs how long it may take to end cleanly. Default 8 s
   */
  stop(graceMs?: number): Promise<void>;
  /**
   * Takes it down for a while, with its data kept. SIGTERM lets it end cleanly, SIGKILL does not.
   * @throws Error for a part of the environment: that is not ours to stop
   */
  takeDown(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on the same port and data; resolves when it answers. */
  bringUp(): Promise<void>;
  /** Freezes it: connections stay open, nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Calls back when it ends although nobody here asked it to; `bringUp` starts it again. */
  onUnexpectedEnd(listener: (how: string) => void): void;
}

export interface PartOptions {
  /** Where its data stays. Default: a temporary folder that goes with `stop()`. */
  dataDir?: string;
  /** The port it should have; another one is taken when this is in use. Default: any free port. */
  port?: number;
  /** File for what it writes to stdout and stderr. Default: in its data folder. */
  logFile?: string;
  onProgress?: Progress;
  /** Where addresses and tools are looked up. Default: `process.env`. */
  environment?: NodeJS.ProcessEnv;
  /** Sources that may be used. Default: all, in the order environment, docker, binary, download. */
  sources?: readonly PartSource[];
}

export const everySource: readonly PartSource[] = ['environment', 'docker', 'binary', 'download'];
