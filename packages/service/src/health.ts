/**
 * Whether a process is alive and whether it is ready.
 *
 * Alive: no step of work has been running for longer than it may. An idle process has none, so it is alive; a wedged one
 * has one that does not end. Ready: every dependency that was ever judged is in order.
 */
export class Health {
  readonly #running = new Map<symbol, { activity: string; overdueAt: number }>();
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
   */
  async step<T>(activity: string, maxMs: number, work: () => Promise<T>): Promise<T> {
    const key = Symbol(activity);
    this.#running.set(key, { activity, overdueAt: this.#now() + maxMs });
    try {
      return await work();
    } finally {
      this.#running.delete(key);
    }
  }

  /** Activities that run for longer than they may; empty when alive. */
  overdue(): string[] {
    const now = this.#now();
    return [
      ...new Set([...this.#running.values()].filter((run) => run.overdueAt < now).map((run) => run.activity)),
    ];
  }

  /** What is missing or wrong, a sentence each; empty when ready. */
  problems(): string[] {
    return [...this.#problems].map(([dependency, problem]) => `${dependency}: ${problem}`);
  }
}
