import type { Readable } from 'node:stream';
import { TrunklineError } from '@trunkline/contracts';
import { unreachable } from './unreachable.ts';

/** The body of a reply that is read as it comes: nothing is fetched that its reader does not ask for. */
export class OpenBody implements AsyncIterable<Buffer> {
  readonly #stream: Readable;
  readonly #what: string;
  readonly #signal: AbortSignal;
  readonly #maxWholeBytes: number;

  constructor(stream: Readable, what: string, signal: AbortSignal, maxWholeBytes: number) {
    this.#stream = stream;
    this.#what = what;
    this.#signal = signal;
    this.#maxWholeBytes = maxWholeBytes;
    // A connection that breaks while nobody reads is met by the next read.
    stream.on('error', () => {});
  }

  /** @throws TrunklineError GENESYS_UNREACHABLE where it ends early or stands still; the signal's reason */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for await (const bytes of this.#stream) yield bytes as Buffer;
    } catch (error) {
      this.#signal.throwIfAborted();
      throw unreachable(this.#what, error);
    } finally {
      this.destroy();
    }
  }

  /** The whole of a body that says why a request was refused. @throws also GENESYS_REPLY_UNREADABLE where it is too large */
  async whole(): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of this) {
      bytes += part.length;
      if (bytes > this.#maxWholeBytes) {
        throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
          message: `Genesys' reply to ${this.#what} is larger than ${this.#maxWholeBytes} bytes.`,
          remedy: 'It is tried again; if it lasts, check the API base and any proxy.',
        });
      }
      parts.push(part);
    }
    return Buffer.concat(parts, bytes);
  }

  /** Gives the connection up with what is still to come. */
  destroy(): void {
    this.#stream.destroy();
  }
}
