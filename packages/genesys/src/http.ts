import { isUtf8 } from 'node:buffer';
import { TrunklineError } from '@trunkline/contracts';
import { Backoff } from './backoff.ts';
import { correlationIdOf } from './error-body.ts';
import { LongWait } from './long-wait.ts';
import { type GenesysWait, type Patience, type Waiting, waitPatiently } from './patience.ts';
import { usedUpMs } from './rate-headers.ts';
import { type CallTerms, isSuccess, judgeReply, type ReplyVerdict } from './reply-verdict.ts';
import type { GenesysSettings } from './settings.ts';
import type { SharedPause } from './shared-pause.ts';
import type { Throttle } from './throttle.ts';
import type { Method, OpenReply, Reply, Transport } from './transport.ts';

/** What every call of Genesys' API says. */
interface AnyCall extends CallTerms {
  method: Method;
  /** From the base on, with its leading slash. */
  path: string;
  /** Which base the path starts at; the API's where nothing is said. */
  base?: 'login';
  body: string | null;
}

/** One call of Genesys' API. */
export interface GenesysCall<T> extends AnyCall {
  /** Of the body; JSON where nothing is said. */
  contentType?: string;
  /** Besides those of every call. */
  headers?: Readonly<Record<string, string>>;
  /** Statuses besides 2xx whose reply is an answer too, for `decode` to read: a 302 with a body, a 404 that means none. */
  alsoWanted?: readonly number[];
  /**
   * What the reply means.
   * @param body valid UTF-8, without a byte order mark
   * @throws TrunklineError GENESYS_REPLY_UNREADABLE: the call is tried again
   */
  decode: (body: Buffer, reply: Reply) => T;
}

/** A call whose reply is read as it comes. */
export interface OpenCall extends AnyCall {
  /** Besides those of every call. */
  headers: Readonly<Record<string, string>>;
  /** The statuses whose body is wanted; another 2xx is no answer to this call, and is tried again. */
  wanted: readonly number[];
}

/** Where the bearer token of a call comes from. */
export interface Tokens {
  current(signal: AbortSignal): Promise<string>;
  /** Genesys refused this token: the next `current` gets another. */
  refuse(token: string): void;
}

interface HttpParts {
  transport: Transport;
  throttle: Throttle;
  pause: SharedPause;
  onWait: (wait: GenesysWait) => void;
}

/** Longest sleep in a shared pause before looking whether it still stands (ms). */
const pauseLookMs = 60_000;

const never: Patience['longestWaitMs'] = Number.POSITIVE_INFINITY;

/**
 * Makes calls until they succeed or fail for good.
 *
 * What may pass by itself (429, 5xx but 501, 408, network, a reply that cannot be read) is tried again for ever, with
 * exponential backoff and full jitter; a 429 pauses all processes of the client id. A 401 never enters that loop: it costs
 * one new token and one repeat, then the call fails. A reply that says that the allowance is used up pauses them too, before
 * there is a 429. Every wait ends as soon as the signal is aborted.
 */
export class GenesysHttp {
  readonly #settings: GenesysSettings;
  readonly #parts: HttpParts;

  constructor(settings: GenesysSettings, parts: HttpParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  /**
   * @param tokens `null`: the call needs no token
   * @throws TrunklineError of kind `configuration` (credentials, permission, request), or what `call.refusal` made
   * @throws the signal's reason
   */
  async call<T>(call: GenesysCall<T>, tokens: Tokens | null, signal: AbortSignal): Promise<T> {
    return this.callWith(call, tokens, { longestWaitMs: never, onWait: this.#parts.onWait }, signal);
  }

  /**
   * As `call`, as patiently as its caller wants.
   * @throws LongWait where the next attempt is further away than `patience` allows
   */
  async callWith<T>(
    call: GenesysCall<T>,
    tokens: Tokens | null,
    patience: Patience,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#persist(call.what, tokens, patience, (token) => this.#attempt(call, token, signal), signal);
  }

  /**
   * As `callWith`, but the body of the reply is left to be read as it comes.
   * @throws as `callWith`
   */
  async open(call: OpenCall, tokens: Tokens, patience: Patience, signal: AbortSignal): Promise<OpenReply> {
    return this.#persist(
      call.what,
      tokens,
      patience,
      (token) => this.#attemptOpen(call, token, signal),
      signal,
    );
  }

  async #persist<T>(
    what: string,
    tokens: Tokens | null,
    patience: Patience,
    attempt: (token: string | null) => Promise<Outcome<T>>,
    signal: AbortSignal,
  ): Promise<T> {
    const backoff = new Backoff(this.#settings.backoffMinMs, this.#settings.backoffMaxMs);
    let failures = 0;
    let lastWas401 = false;
    let rateLimited: TrunklineError | null = null;
    for (;;) {
      const token = tokens === null ? null : await this.#token(what, tokens, patience, signal);
      await this.#admission({ what, patience, failures, rateLimited }, signal);
      const outcome = await attempt(token);
      switch (outcome.kind) {
        case 'done':
          return outcome.value;
        case 'refused':
          throw outcome.error;
        case 'unauthorized':
          if (token === null || tokens === null || lastWas401) throw outcome.error;
          tokens.refuse(token);
          lastWas401 = true;
          continue;
        case 'rate-limited': {
          const pauseMs = Math.min(outcome.retryAfterMs ?? this.#settings.pauseMs, this.#settings.maxPauseMs);
          await this.#parts.pause.extend(pauseMs);
          rateLimited = outcome.error;
          failures++;
          // Where Genesys answers one 429 after another, this process waits longer than it is told to.
          const backoffMs = backoff.nextMs();
          if (backoffMs > pauseMs)
            await waitPatiently({ what, patience, failures }, outcome, backoffMs, signal);
          break;
        }
        case 'retry': {
          rateLimited = null;
          failures++;
          // Some servers say when an outage ends. It is their guess: it lengthens no wait beyond the longest backoff.
          const askedMs = Math.min(outcome.retryAfterMs ?? 0, this.#settings.backoffMaxMs);
          const waitMs = Math.max(askedMs, backoff.nextMs());
          await waitPatiently({ what, patience, failures }, outcome, waitMs, signal);
          break;
        }
        default:
          outcome satisfies never;
      }
      lastWas401 = false;
    }
  }

  /** Getting a token may take as long as any call: who waits no longer than so leaves the others to wait for it. */
  async #token(what: string, tokens: Tokens, patience: Patience, signal: AbortSignal): Promise<string> {
    if (patience.longestWaitMs === never) return tokens.current(signal);
    const limit = AbortSignal.timeout(patience.longestWaitMs);
    try {
      return await tokens.current(AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.aborted || error instanceof TrunklineError) throw error;
      const leftMs = Math.max(await this.#parts.pause.remainingMs(), patience.longestWaitMs);
      throw new LongWait(noToken(what), Date.now() + leftMs);
    }
  }

  /** Resolves when the client id's bucket and pause let one request through. */
  async #admission(
    { what, patience, failures, rateLimited }: Waiting & { rateLimited: TrunklineError | null },
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await this.#parts.throttle.acquire(signal);
      const leftMs = await this.#parts.pause.remainingMs();
      if (leftMs === 0) return;
      const failure =
        rateLimited === null
          ? { error: pausedByOthers(what), status: null }
          : { error: rateLimited, status: 429 };
      await waitPatiently({ what, patience, failures }, failure, leftMs, signal, pauseLookMs);
    }
  }

  async #attempt<T>(call: GenesysCall<T>, token: string | null, signal: AbortSignal): Promise<Outcome<T>> {
    let head: Head | null = null;
    try {
      const reply = await this.#parts.transport.exchange(this.#outgoing(call, token), signal);
      head = reply;
      await this.#heed(reply);
      if (isSuccess(reply.status) || call.alsoWanted?.includes(reply.status)) {
        return { kind: 'done', value: call.decode(utf8Of(reply, call.what), reply) };
      }
      return { ...judgeReply(reply, call, Date.now()), status: reply.status };
    } catch (error) {
      return unfinished(error, head);
    }
  }

  async #attemptOpen(call: OpenCall, token: string | null, signal: AbortSignal): Promise<Outcome<OpenReply>> {
    let head: Head | null = null;
    try {
      const reply = await this.#parts.transport.open(this.#outgoing(call, token), signal);
      head = reply;
      await this.#heed(reply);
      if (call.wanted.includes(reply.status)) return { kind: 'done', value: reply };
      const whole = { ...reply, body: await reply.body.whole() };
      if (isSuccess(reply.status)) throw unwanted(call.what, reply.status);
      return { ...judgeReply(whole, call, Date.now()), status: reply.status };
    } catch (error) {
      return unfinished(error, head);
    }
  }

  /** A 429 says by itself how long to wait. */
  async #heed({ status, headers }: Head): Promise<void> {
    const pauseMs = status === 429 ? null : usedUpMs(headers);
    if (pauseMs !== null) await this.#parts.pause.extend(Math.min(pauseMs, this.#settings.maxPauseMs));
  }

  #outgoing(call: GenesysCall<unknown> | OpenCall, token: string | null) {
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'trunkline' };
    if (call.body !== null && 'decode' in call) {
      headers['content-type'] = call.contentType ?? 'application/json';
    }
    Object.assign(headers, call.headers);
    if (token !== null) headers['authorization'] = `Bearer ${token}`;
    const base = call.base === 'login' ? this.#settings.loginBase : this.#settings.apiBase;
    const url = base.replace(/\/+$/, '') + call.path;
    return { what: call.what, method: call.method, url, headers, body: call.body };
  }
}

type Head = Pick<Reply, 'status' | 'headers'>;

type Outcome<T> = { kind: 'done'; value: T } | (ReplyVerdict & { status: number | null });

/** What came of an attempt that did not end with a judged reply. */
function unfinished(error: unknown, head: Head | null): Outcome<never> {
  if (!(error instanceof TrunklineError)) throw error;
  if (head !== null) error.correlationId ??= correlationIdOf(head.headers, null);
  if (error.kind !== 'retriable') throw error;
  return { kind: 'retry', retryAfterMs: null, error, status: head?.status ?? null };
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** A byte that is no UTF-8 is no JSON; replaced by U+FFFD it would alter a record without a word. */
function utf8Of({ body }: Reply, what: string): Buffer {
  if (!isUtf8(body)) {
    throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
      message: `Genesys' reply to ${what} is not UTF-8.`,
      remedy: 'It is tried again; if it lasts, a proxy may alter replies.',
    });
  }
  const marked = body.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return marked ? body.subarray(byteOrderMark.length) : body;
}

function pausedByOthers(what: string): TrunklineError {
  return new TrunklineError('GENESYS_RATE_LIMITED', {
    message: `Genesys told this OAuth client to pause; ${what} waits for the end of it.`,
  });
}

function noToken(what: string): TrunklineError {
  return new TrunklineError('GENESYS_UNREACHABLE', {
    message: `No OAuth token could be had for ${what} yet.`,
    remedy: 'It is tried again; if it lasts, see what /readyz and the log tell of the OAuth token.',
  });
}

function unwanted(what: string, status: number): TrunklineError {
  return new TrunklineError('GENESYS_REPLY_UNREADABLE', {
    message: `Genesys answered ${status} to ${what}, which is no answer to it.`,
    remedy: 'It is tried again; if it lasts, check the API base and any proxy.',
  });
}
