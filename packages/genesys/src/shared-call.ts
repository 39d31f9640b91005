/**
 * One call at a time whose result all who ask meanwhile share. Whoever is aborted leaves alone; when all have left, the
 * call itself is aborted.
 */
export class SharedCall<T> {
  readonly #run: (signal: AbortSignal) => Promise<T>;
  #running: { result: Promise<T>; controller: AbortController; waiting: number } | null = null;

  constructor(run: (signal: AbortSignal) => Promise<T>) {
    this.#run = run;
  }

  /** @throws what the call throws, or the signal's reason */
  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    this.#running ??= this.#start();
    const running = this.#running;
    running.waiting++;
    try {
      return await unlessAborted(running.result, signal);
    } finally {
      running.waiting--;
      if (running.waiting === 0 && this.#running === running) {
        this.#running = null;
        running.controller.abort();
      }
    }
  }

  #start(): { result: Promise<T>; controller: AbortController; waiting: number } {
    const controller = new AbortController();
    const running = { result: this.#run(controller.signal), controller, waiting: 0 };
    const ended = () => {
      if (this.#running === running) this.#running = null;
    };
    running.result.then(ended, ended);
    return running;
  }
}

async function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    if (leave !== undefined) signal.removeEventListener('abort', leave);
  }
}
