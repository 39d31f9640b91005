import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';

/** One line of the ledger: the events of one reply. */
export interface LedgerLine {
  /** When, epoch ms of the host's clock. */
  at: number;
  /** Positions, as ranges from-to, both included, in the order of the page. */
  n: [number, number][];
  /** The reply of an earlier line with the same `at` and `n` did not go out whole after all. */
  lost?: true | undefined;
}

const lineSchema = z.strictObject({
  at: z.number(),
  n: z.array(z.tuple([z.int(), z.int()])),
  lost: z.literal(true).optional(),
});

/**
 * The ledger on disk: append-only NDJSON, one line a page, written before its last bytes leave.
 *
 * Ids, dates and digests are functions of seed and position, so positions are all that has to be kept. A line is one
 * write: killed at any moment, the simulator leaves at most one torn line, which is cut off at the next start.
 */
export class LedgerFile {
  readonly #descriptor: number;
  #open = true;
  readonly lines: readonly LedgerLine[];

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a+', 0o600);
    const bytes = readFileSync(this.#descriptor);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) ftruncateSync(this.#descriptor, whole);
    const lines = bytes.subarray(0, whole).toString().split('\n').slice(0, -1);
    this.lines = lines.map((line, index) => {
      try {
        return lineSchema.parse(JSON.parse(line));
      } catch (cause) {
        throw new Error(`${path}, line ${index + 1} is no ledger line. Remove the directory to start anew.`, {
          cause,
        });
      }
    });
  }

  /** Replies that break because the simulator stops come too late: as after kill -9 their line stays as it is. */
  append(line: LedgerLine): void {
    if (!this.#open) return;
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    this.#open = false;
    closeSync(this.#descriptor);
  }
}
