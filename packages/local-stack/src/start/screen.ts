/**
 * What a person sees of `npm start`: one line a step with its progress and time, then one status line.
 * On a terminal the line that is worked on is redrawn; elsewhere each news is a line of its own.
 */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #redraws: boolean;
  #open = false;
  #quiet = false;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
    this.#redraws = out.isTTY === true;
  }

  /** From now on only `line` is shown: steps that are still on their way end unseen. */
  quiet(): void {
    this.#clear();
    this.#quiet = true;
  }

  /** A line that stays. */
  line(text: string): void {
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** The line that is redrawn. */
  status(text: string): void {
    if (this.#quiet) return;
    if (!this.#redraws) {
      this.#out.write(`${text}\n`);
      return;
    }
    // A line that wraps cannot be redrawn.
    const width = Math.max(20, (this.#out.columns || 80) - 1);
    this.#clear();
    this.#out.write(text.slice(0, width));
    this.#open = true;
  }

  /**
   * Runs one step and shows how it goes.
   * @param describe the words behind the name once it is done
   */
  async step<T>(
    name: string,
    work: (progress: (step: string, fraction: number | null) => void) => Promise<T>,
    describe: (result: T) => string,
  ): Promise<T> {
    const begin = performance.now();
    const title = `  ${name.padEnd(16)}`;
    const elapsed = (): string => `${((performance.now() - begin) / 1000).toFixed(1)} s`;
    let now = '';
    let done: number | null = null;
    const draw = (): void => {
      const percent = done === null ? '' : ` ${String(Math.floor(done * 100)).padStart(3)} %`;
      this.status(`${title}${now}${percent} ${elapsed()}`);
    };
    const redraw = this.#redraws ? setInterval(draw, 200) : null;
    try {
      if (this.#redraws) draw();
      const result = await work((step, fraction) => {
        const news = step !== now;
        now = step;
        done = fraction;
        if (news && !this.#redraws) this.status(`${title}${step}`);
      });
      if (redraw !== null) clearInterval(redraw);
      if (!this.#quiet) this.line(`${title}${describe(result)} (${elapsed()})`);
      return result;
    } catch (error) {
      if (redraw !== null) clearInterval(redraw);
      if (!this.#quiet) this.line(`${title}failed after ${elapsed()}`);
      throw error;
    }
  }

  #clear(): void {
    if (this.#open) this.#out.write('\r\u001b[2K');
    this.#open = false;
  }
}
