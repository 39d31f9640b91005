import { TrunklineError } from '@trunkline/contracts';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { OpenBody } from './open-body.ts';
import { httpDateMs } from './retry-after.ts';
import type { GenesysSettings } from './settings.ts';
import { unreachable } from './unreachable.ts';
import { wholeReply } from './whole-reply.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface TransportRequest {
  /** Names the call in messages, for example "the event stream". */
  what: string;
  method: Method;
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

export interface Reply {
  status: number;
  headers: Headers;
  body: Buffer;
  /** The server's clock (`Date` header). */
  serverDate: Date | null;
  /** From sending the request to the end of its reply. */
  durationMs: number;
}

/** By lower-case name; lines of the same name are joined with `, `. */
export type Headers = ReadonlyMap<string, string>;

/** A reply whose body is still to come. Whoever gets it reads the body to its end, or destroys it. */
export interface OpenReply {
  status: number;
  headers: Headers;
  serverDate: Date | null;
  body: OpenBody;
}

/** Sends one request and reads its reply, inside time limits and a size limit. Judges no status, follows no redirect. */
export class Transport {
  readonly #dispatcher: Dispatcher;
  readonly #timeoutMs: number;
  readonly #exchangeTimeoutMs: number;
  readonly #maxBodyBytes: number;

  constructor(settings: Pick<GenesysSettings, 'timeoutMs' | 'exchangeTimeoutMs' | 'maxBodyBytes' | 'proxy'>) {
    // Longer than the poll interval, so that a drained stream does not shake hands anew for each poll.
    const options = { connectTimeout: settings.timeoutMs, keepAliveTimeout: 15_000 };
    this.#dispatcher =
      settings.proxy === null
        ? new Agent(options)
        : new EnvHttpProxyAgent({
            ...options,
            httpProxy: settings.proxy.http,
            httpsProxy: settings.proxy.https,
            noProxy: settings.proxy.noProxy,
          });
    this.#timeoutMs = settings.timeoutMs;
    this.#exchangeTimeoutMs = settings.exchangeTimeoutMs;
    this.#maxBodyBytes = settings.maxBodyBytes;
  }

  /**
   * @throws TrunklineError GENESYS_UNREACHABLE without a whole reply, GENESYS_REPLY_UNREADABLE where it is too large
   * @throws the signal's reason
   */
  async exchange(outgoing: TransportRequest, signal: AbortSignal): Promise<Reply> {
    signal.throwIfAborted();
    const limit = new AbortController();
    const forward = () => limit.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    const timer = setTimeout(
      () => limit.abort(new Error('Time limit of the whole exchange')),
      this.#exchangeTimeoutMs,
    );
    const startedAt = performance.now();
    try {
      const { statusCode, headers, body } = await wholeReply(
        this.#dispatcher,
        { ...placeOf(outgoing.url), ...this.#requestOf(outgoing) },
        {
          signal: limit.signal,
          maxBodyBytes: this.#maxBodyBytes,
          tooLarge: () => tooLarge(outgoing.what, this.#maxBodyBytes),
        },
      );
      const joined = joinedHeaders(headers);
      return {
        status: statusCode,
        headers: joined,
        body,
        serverDate: serverDate(joined),
        durationMs: performance.now() - startedAt,
      };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TrunklineError) throw error;
      throw unreachable(outgoing.what, error);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', forward);
    }
  }

  /**
   * Sends one request and leaves the body of its reply to be read as it comes, however long that takes: only the wait for the
   * head, and between two parts of the body that its reader waits for, is limited.
   * @throws as `exchange`
   */
  async open(outgoing: TransportRequest, signal: AbortSignal): Promise<OpenReply> {
    signal.throwIfAborted();
    try {
      const { statusCode, headers, body } = await request(outgoing.url, {
        dispatcher: this.#dispatcher,
        ...this.#requestOf(outgoing),
        signal,
      });
      const joined = joinedHeaders(headers);
      return {
        status: statusCode,
        headers: joined,
        serverDate: serverDate(joined),
        body: new OpenBody(body, outgoing.what, signal, this.#maxBodyBytes),
      };
    } catch (error) {
      signal.throwIfAborted();
      throw unreachable(outgoing.what, error);
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#dispatcher.destroy();
  }

  #requestOf({ method, headers, body }: TransportRequest) {
    return { method, headers, body, headersTimeout: this.#timeoutMs, bodyTimeout: this.#timeoutMs };
  }
}

function placeOf(url: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

function tooLarge(what: string, maxBodyBytes: number): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys' reply to ${what} is larger than ${maxBodyBytes} bytes.`,
    remedy: 'Raise the largest reply size, or lower the page size.',
  });
}

function joinedHeaders(headers: Dispatcher.ResponseData['headers']): Headers {
  return new Map(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function serverDate(headers: Headers): Date | null {
  const date = httpDateMs(headers.get('date') ?? '');
  return date === null ? null : new Date(date);
}
