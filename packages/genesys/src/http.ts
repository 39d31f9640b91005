import { isUtf8 } from 'node:buffer';
import { type ErrorCode, TrunklineError } from '@trunkline/contracts';
import { Backoff, sleep } from './backoff.ts';
import { LongWait } from './long-wait.ts';
import { type CallTerms, judgeReply } from './reply-verdict.ts';
import type { GenesysSettings } from './settings.ts';
import type { SharedPause } from './shared-pause.ts';
import type { Throttle } from './throttle.ts';
import type { OpenReply, Reply, Transport } from './transport.ts';

/** One call of Genesys' API. */
export interface GenesysCall<T> extends CallTerms {
  method: 'GET' | 'POST';
  /** From the API base on, with its leading slash. */
  path: string;
  contentType: string;
  body: string | null;
  /**
   * What the body of a 2xx means.
   * @param body valid UTF-8, without a byte order mark
   * @throws TrunklineError GENESYS_REPLY_UNREADABLE: the call is tried again
   */
  decode: (body: Buffer, reply: Reply) => T;
}

/** A call whose reply is read as it comes. */
export interface OpenCall extends CallTerms {
  method: 'GET' | 'POST';
  /** From the API base on, with its leading slash. */
  path: string;
  /** Besides those of every call. */
  headers: Readonly<Record<string, string>>;
  body: string | null;
  /** The statuses whose body is wanted; another 2xx is no answer to this call, and is tried again. */
  wanted: readonly number[];
}

/** How its caller wants a call to wait. */
export interface Patience {
  /** A longer wait is not waited for: `LongWait` is thrown (ms). */
  longestWaitMs: number;
  /** Told of each shorter wait, in place of the connection's own `onWait`. Must not throw. */
  onWait: (wait: GenesysWait) => void;
}

/** A wait of a call, told as it begins; a long one is told again every minute. */
export interface GenesysWait {
  /** Names the call: "the event stream", "the OAuth token". */
  what: string;
  /** Why. GENESYS_RATE_LIMITED with status `null`: another process met the 429. */
  code: ErrorCode;
  status: number | null;
  /** When the next attempt is made, ms since 1970. */
  untilMs: number;
  /** Attempts of this call that have failed. */
  failures: number;
  /** For people: what happened and what to do. */
  message: string;
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

/**
 * Makes calls until they succeed or fail for good.
 *
 * What may pass by itself (429, 5xx but 501, 408, network, a reply that cannot be read) is tried again for ever, with
 * exponential backoff and full jitter; a 429 pauses all processes of the client id. A 401 never enters that loop: it costs
 * one new token and one repeat, then the call fails. Every wait ends as soon as the signal is aborted.
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
    const patience = { longestWaitMs: Number.POSITIVE_INFINITY, onWait: this.#parts.onWait };
    return this.#persist(call.what, tokens, patience, (token) => this.#attempt(call, token, signal), signal);
  }

  /**
   * As `call`, but the body of the reply is left to be read as it comes.
   * @throws LongWait where the next attempt is further away than `patience` allows
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
          if (token === null || tokens === null || lastWas401) throw credentialsRejected(what);
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
          if (backoffMs > pauseMs) await this.#wait({ what, patience, failures }, outcome, backoffMs, signal);
          break;
        }
        case 'retry': {
          rateLimited = null;
          failures++;
          // Some servers say when an outage ends. It is their guess: it lengthens no wait beyond the longest backoff.
          const askedMs = Math.min(outcome.retryAfterMs ?? 0, this.#settings.backoffMaxMs);
          const waitMs = Math.max(askedMs, backoff.nextMs());
          await this.#wait({ what, patience, failures }, outcome, waitMs, signal);
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
    if (patience.longestWaitMs === Number.POSITIVE_INFINITY) return tokens.current(signal);
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
      const untilMs = Date.now() + leftMs;
      const reason = rateLimited ?? pausedByOthers(what);
      if (leftMs > patience.longestWaitMs) throw new LongWait(reason, untilMs);
      patience.onWait({
        what,
        code: 'GENESYS_RATE_LIMITED',
        status: rateLimited === null ? null : 429,
        untilMs,
        failures,
        message: reason.message,
      });
      await sleep(Math.min(leftMs, pauseLookMs), signal);
    }
  }

  async #attempt<T>(call: GenesysCall<T>, token: string | null, signal: AbortSignal): Promise<Outcome<T>> {
    let status: number | null = null;
    try {
      const reply = await this.#parts.transport.exchange(this.#outgoing(call, token), signal);
      status = reply.status;
      const verdict = judgeReply(reply, call, Date.now());
      if (verdict.kind === 'ok') return { kind: 'done', value: call.decode(utf8Of(reply, call.what), reply) };
      return verdict.kind === 'retry' || verdict.kind === 'rate-limited' ? { ...verdict, status } : verdict;
    } catch (error) {
      if (!(error instanceof TrunklineError) || error.kind !== 'retriable') throw error;
      return { kind: 'retry', retryAfterMs: null, error, status };
    }
  }

  async #attemptOpen(call: OpenCall, token: string | null, signal: AbortSignal): Promise<Outcome<OpenReply>> {
    let status: number | null = null;
    const startedAt = performance.now();
    try {
      const reply = await this.#parts.transport.open(this.#outgoing(call, token), signal);
      status = reply.status;
      if (call.wanted.includes(status)) return { kind: 'done', value: reply };
      const whole = {
        status,
        body: await reply.body.whole(),
        retryAfter: reply.headers.get('retry-after') ?? null,
        serverDate: reply.serverDate,
        durationMs: performance.now() - startedAt,
      };
      const verdict = judgeReply(whole, call, Date.now());
      if (verdict.kind === 'ok') throw unwanted(call.what, status);
      return verdict.kind === 'retry' || verdict.kind === 'rate-limited' ? { ...verdict, status } : verdict;
    } catch (error) {
      if (!(error instanceof TrunklineError) || error.kind !== 'retriable') throw error;
      return { kind: 'retry', retryAfterMs: null, error, status };
    }
  }

  #outgoing(call: GenesysCall<unknown> | OpenCall, token: string | null) {
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'trunkline' };
    if (call.body !== null && 'contentType' in call) headers['content-type'] = call.contentType;
    if ('headers' in call) Object.assign(headers, call.headers);
    if (token !== null) headers['authorization'] = `Bearer ${token}`;
    const url = this.#settings.apiBase.replace(/\/+$/, '') + call.path;
    return { what: call.what, method: call.method, url, headers, body: call.body };
  }

  async #wait(
    { what, patience, failures }: Waiting,
    failure: { error: TrunklineError; status: number | null },
    ms: number,
    signal: AbortSignal,
  ): Promise<void> {
    const untilMs = Date.now() + ms;
    if (ms > patience.longestWaitMs) throw new LongWait(failure.error, untilMs);
    patience.onWait({
      what,
      code: failure.error.code,
      status: failure.status,
      untilMs,
      failures,
      message: failure.error.message,
    });
    await sleep(ms, signal);
  }
}

/** A call that is being waited for. */
interface Waiting {
  what: string;
  patience: Patience;
  failures: number;
}

type Outcome<T> =
  | { kind: 'done'; value: T }
  | { kind: 'unauthorized' }
  | {
      kind: 'rate-limited' | 'retry';
      retryAfterMs: number | null;
      error: TrunklineError;
      status: number | null;
    }
  | { kind: 'refused'; error: TrunklineError };

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

function credentialsRejected(what: string): TrunklineError {
  return new TrunklineError('GENESYS_CREDENTIALS_REJECTED', {
    message: `Genesys answered 401 to ${what}, with a new token too.`,
    remedy: 'Check that the OAuth client is active and belongs to the organisation of the API base.',
  });
}
