/**
 * Whether a process is alive and whether it is ready.
 *
 * Alive: no step of work has been running for longer than it may. An idle process has none, so it is alive; a wedged one
 * has one that does not end. Ready: every dependency that was ever judged is in order.
 */
export class Health {
  readonly #running = new Set<{ activity: string; maxMs: number; overdueAt: number }>();
  #suspended = false;
  readonly #problems = new Map<string, string>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Names what is wrong with a dependency, in a sentence that says what to do; `null`: it is in order again. */
  report(dependency: string, problem: string | null): void {
    if (problem === null) this.#problems.delete(dependency);
    else this.#problems.set(dependency, problem);
  }

  /**
   * Runs one step of work that must end within `maxMs`. A step that takes longer makes `/livez` fail until it ends: the
   * orchestrator restarts the process, and the queue hands its jobs to another.
   *
   * @param work gets `extend`: a step that waits for a reason it can name (a pause that Genesys asked for) says until when
   *   (ms since 1970), and has `maxMs` from then
   */
  async step<T>(
    activity: string,
    maxMs: number,
    work: (extend: (untilMs: number) => void) => Promise<T>,
  ): Promise<T> {
    const run = { activity, maxMs, overdueAt: this.#now() + maxMs };
    this.#running.add(run);
    try {
      return await work((untilMs) => {
        run.overdueAt = Math.max(run.overdueAt, untilMs + maxMs);
      });
    } finally {
      this.#running.delete(run);
    }
  }

  /**
   * Stops and starts the clock of all steps: while Redis is away every step waits for it, and a restart would not help.
   */
  setSuspended(suspended: boolean): void {
    if (this.#suspended && !suspended) {
      for (const run of this.#running) run.overdueAt = Math.max(run.overdueAt, this.#now() + run.maxMs);
    }
    this.#suspended = suspended;
  }

  /** Activities that run for longer than they may; empty when alive. */
  overdue(): string[] {
    if (this.#suspended) return [];
    const now = this.#now();
    return [...new Set([...this.#running].filter((run) => run.overdueAt < now).map((run) => run.activity))];
  }

  /** What is missing or wrong, a sentence each; empty when ready. */
  problems(): string[] {
    return [...this.#problems].map(([dependency, problem]) => `${dependency}: ${problem}`);
  }
}
