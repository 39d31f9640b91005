import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** A reply as it came, with all of its body. */
export interface WholeReply {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface ReplyLimits {
  /** Gives the request up, at any moment. */
  signal: AbortSignal;
  maxBodyBytes: number;
  /** What is thrown where the body is larger. */
  tooLarge: () => Error;
}

/**
 * Sends one request and resolves with its whole reply.
 *
 * By undici's handlers and not by its `request`: the stream that `request` makes for each body outlives the collections of young
 * objects, and with it the socket's buffers. At full speed that was a third of what brings on collections of the whole heap.
 * @throws undici's errors, the signal's reason, what `tooLarge` gives
 */
export function wholeReply(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: ReplyLimits,
): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new ReplyReader(limits, resolve, reject));
  });
}

class ReplyReader implements Dispatcher.DispatchHandler {
  readonly #limits: ReplyLimits;
  readonly #resolve: (reply: WholeReply) => void;
  readonly #reject: (reason: unknown) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #statusCode = 0;
  #headers: IncomingHttpHeaders = {};
  #parts: Buffer[] = [];
  #length = 0;

  constructor(limits: ReplyLimits, resolve: (reply: WholeReply) => void, reject: (reason: unknown) => void) {
    this.#limits = limits;
    this.#resolve = resolve;
    this.#reject = reject;
    limits.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It may have waited for a connection meanwhile.
    if (this.#limits.signal.aborted) this.#onAbort();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#statusCode = statusCode;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, part: Buffer): void {
    this.#length += part.length;
    if (this.#length > this.#limits.maxBodyBytes) controller.abort(this.#limits.tooLarge());
    else this.#parts.push(part);
  }

  onResponseEnd(): void {
    this.#settled();
    const [first] = this.#parts;
    const body =
      first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#length);
    this.#resolve({ statusCode: this.#statusCode, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settled();
    this.#reject(error);
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#limits.signal;
    this.#controller?.abort(reason);
    // Nothing else tells of a request that has not started.
    this.#settled();
    this.#reject(reason);
  };

  #settled(): void {
    this.#limits.signal.removeEventListener('abort', this.#onAbort);
  }
}
