import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { type UntilOptions, until } from './until.ts';

/** One line of a process's log. `event` names the fact; a line that is no JSON has its text in `msg` alone. */
export interface LogLine {
  event?: string;
  level?: string;
  msg?: string;
  pid?: number;
  httpUrl?: string;
  [field: string]: unknown;
}

/** Lines kept in memory; the file has all of them. */
const keptLines = 20_000;

/** The log of a process, which another process appends to: read on, whenever it is asked for something. */
export class LogFile {
  readonly path: string;
  #offset = 0;
  #rest = Buffer.alloc(0);
  #lines: LogLine[] = [];

  constructor(path: string) {
    this.path = path;
  }

  /** The latest lines (at most 20,000), the newest last. */
  lines(): readonly LogLine[] {
    this.#readOn();
    return this.#lines;
  }

  /** Lines that name this event. */
  events(event: string, where: (line: LogLine) => boolean = () => true): LogLine[] {
    return this.lines().filter((line) => line.event === event && where(line));
  }

  /** Waits until the log holds a line of this event. */
  waitFor(
    event: string,
    where: (line: LogLine) => boolean = () => true,
    options: Pick<UntilOptions, 'withinMs'> = {},
  ): Promise<LogLine> {
    return until(
      `${event} stands in ${this.path}`,
      () => this.lines().findLast((line) => line.event === event && where(line)),
      { ...options, told: () => `The end of the log:\n${this.end()}` },
    );
  }

  /** The whole text. */
  text(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch {
      return '';
    }
  }

  /** The last lines, for the message of an error. */
  end(lines = 15): string {
    return this.text().trimEnd().split('\n').slice(-lines).join('\n');
  }

  #readOn(): void {
    let file: number;
    try {
      file = openSync(this.path, 'r');
    } catch {
      return; // nothing was written yet
    }
    try {
      const size = fstatSync(file).size;
      if (size <= this.#offset) return;
      const fresh = Buffer.alloc(size - this.#offset);
      const read = readSync(file, fresh, 0, fresh.length, this.#offset);
      this.#offset += read;
      const bytes = Buffer.concat([this.#rest, fresh.subarray(0, read)]);
      const end = bytes.lastIndexOf(0x0a);
      this.#rest = bytes.subarray(end + 1);
      if (end < 0) return;
      for (const line of bytes.subarray(0, end).toString('utf8').split('\n')) {
        if (line !== '') this.#lines.push(lineOf(line));
      }
      if (this.#lines.length > keptLines) this.#lines = this.#lines.slice(-keptLines);
    } finally {
      closeSync(file);
    }
  }
}

function lineOf(text: string): LogLine {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as LogLine;
  } catch {
    // no JSON: told as it is
  }
  return { msg: text };
}
