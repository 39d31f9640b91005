import type { Output } from '../frame/io.ts';

/** How far a long work is. */
export interface Step {
  /** What is being done, e.g. `Reading the source`. */
  readonly what: string;
  /** Between 0 and 1; `null`: it cannot be told. */
  readonly share: number | null;
  /** How many of what, e.g. `12,300 events`. */
  readonly detail: string;
}

/** Milliseconds between two drawings of the bar, and between two plain lines of one work. */
const drawMs = 100;
const lineMs = 5_000;
const barWidth = 24;

/**
 * Tells how far a work is: a bar that is drawn over on a terminal, a line every five seconds elsewhere. Both go to stderr, so
 * that stdout holds data alone.
 */
export class Progress implements Disposable {
  readonly #err: Output & { readonly isTTY?: boolean; readonly columns?: number };
  readonly #now: () => number;
  #what = '';
  #nextAt = 0;
  #drawn = false;

  constructor(err: Output & { readonly isTTY?: boolean; readonly columns?: number }, now: () => number) {
    this.#err = err;
    this.#now = now;
  }

  /** Called as often as one likes. */
  at(step: Step): void {
    const now = this.#now();
    if (step.what === this.#what && now < this.#nextAt) return;
    this.#what = step.what;
    const isTTY = this.#err.isTTY === true;
    this.#nextAt = now + (isTTY ? drawMs : lineMs);
    if (!isTTY) {
      this.#err.write(`${lineOf(step)}\n`);
      return;
    }
    this.#err.write(`\r\u001b[K${barOf(step).slice(0, Math.max((this.#err.columns ?? 80) - 1, 20))}`);
    this.#drawn = true;
  }

  /** A line that stays, above the bar. */
  note(text: string): void {
    this.#clear();
    this.#err.write(`${text}\n`);
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #clear(): void {
    if (!this.#drawn) return;
    this.#err.write('\r\u001b[K');
    this.#drawn = false;
    this.#nextAt = 0;
  }
}

function lineOf({ what, share, detail }: Step): string {
  return `${what}${share === null ? '' : ` ${percent(share)}`}: ${detail}`;
}

function barOf({ what, share, detail }: Step): string {
  if (share === null) return `${what}  ${detail}`;
  const full = Math.round(bounded(share) * barWidth);
  return `${what}  [${'='.repeat(full)}${' '.repeat(barWidth - full)}] ${percent(share)}  ${detail}`;
}

function percent(share: number): string {
  return `${Math.floor(bounded(share) * 100)} %`;
}

function bounded(share: number): number {
  return Math.min(Math.max(share, 0), 1);
}
