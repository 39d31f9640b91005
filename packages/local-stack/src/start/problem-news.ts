/**
 * What of the processes' problems is news, as lines that stay: behind the figures of the status line a narrow terminal cuts them off.
 * A problem whose numbers change is no other one.
 */
export class ProblemNews {
  #known = new Set<string>();

  /** @param problems `null`: they cannot be read, which says nothing of them */
  of(problems: readonly string[] | null): string[] {
    if (problems === null) return [];
    const before = this.#known;
    this.#known = new Set(problems.map(withoutNumbers));
    if (before.size > 0 && problems.length === 0) return ['Every process is ready again.'];
    return problems
      .filter((problem) => !before.has(withoutNumbers(problem)))
      .map((problem) => `! ${problem}`);
  }
}

function withoutNumbers(problem: string): string {
  return problem.replace(/\d+/g, '#');
}
