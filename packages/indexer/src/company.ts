/**
 * Who may be in hand at the same time: ordinary batches together, a suspect one alone, so that it takes nobody with it.
 * First come, first served: ordinary batches wait behind a suspect one that waits.
 */
export class Company {
  readonly #queue: { alone: boolean; enter: () => void }[] = [];
  #inside = 0;
  #alone = false;

  /** Resolves when the caller may go on; it calls what it gets when it is done. */
  async enter(alone: boolean): Promise<() => void> {
    await new Promise<void>((enter) => {
      this.#queue.push({ alone, enter });
      this.#admit();
    });
    return this.#exit();
  }

  /** As `enter`, where that needs no waiting; else `null`. */
  tryEnter(alone: boolean): (() => void) | null {
    if (this.#queue.length > 0 || this.#alone || (alone && this.#inside > 0)) return null;
    this.#inside++;
    this.#alone = alone;
    return this.#exit();
  }

  #exit(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inside--;
      this.#alone = false;
      this.#admit();
    };
  }

  #admit(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (this.#alone || (next.alone && this.#inside > 0)) return;
      this.#queue.shift();
      this.#inside++;
      this.#alone = next.alone;
      next.enter();
    }
  }
}
