import type { Health } from '@trunkline/service';

/** What keeps a stream from being polled. */
const matters = ['genesys', 'spool', 'poll', 'elasticsearch'] as const;

/** A stream's part of the process's health: several streams, each with its own trouble. */
export class StreamHealth {
  readonly #health: Pick<Health, 'report'>;
  readonly #stream: string | null;

  /** @param stream named beside each matter; `null`: it is the one that the process is there for */
  constructor(health: Pick<Health, 'report'>, stream: string | null) {
    this.#health = health;
    this.#stream = stream;
  }

  report(matter: (typeof matters)[number], problem: string | null): void {
    this.#health.report(this.#stream === null ? matter : `${matter} (${this.#stream})`, problem);
  }

  /** These are the holder's matter, and nobody's who waits for the lease. */
  clear(): void {
    for (const matter of matters) this.report(matter, null);
  }
}
