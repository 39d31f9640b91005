import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { z } from 'zod';

/**
 * An append-only file of JSON lines that outlives kill -9.
 *
 * A line is one write: killed at any moment, the simulator leaves at most one torn line, which is cut off at the next
 * start.
 */
export class NdjsonFile<Line> {
  readonly #descriptor: number;
  #open = true;
  /** What stood in it when it was opened. */
  readonly lines: readonly Line[];

  /** @throws Error where a line is not of the schema */
  constructor(path: string, schema: z.ZodType<Line>) {
    this.#descriptor = openSync(path, 'a+', 0o600);
    const bytes = readFileSync(this.#descriptor);
    const whole = bytes.lastIndexOf(0x0a) + 1;
    if (whole < bytes.length) ftruncateSync(this.#descriptor, whole);
    const lines = bytes.subarray(0, whole).toString().split('\n').slice(0, -1);
    this.lines = lines.map((line, index) => {
      try {
        return schema.parse(JSON.parse(line));
      } catch (cause) {
        throw new Error(`${path}, line ${index + 1} is no ledger line. Remove the directory to start anew.`, {
          cause,
        });
      }
    });
  }

  /** Replies that break because the simulator stops come too late: as after kill -9 their line stays as it is. */
  append(line: Line): void {
    if (!this.#open) return;
    writeSync(this.#descriptor, `${JSON.stringify(line)}\n`);
  }

  close(): void {
    this.#open = false;
    closeSync(this.#descriptor);
  }
}
