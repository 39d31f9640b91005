/**
 * The only file that knows the Elasticsearch client.
 *
 * Requests are sent once: whether and when to repeat one is decided where its meaning is known. Every request has a limit of
 * time over the whole answer (the client's own covers the headers only). Foreign errors become `TrunklineError` here.
 */
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { text as textOfStream } from 'node:stream/consumers';
import { Client, type ClientOptions, errors } from '@elastic/elasticsearch';
import { TrunklineError } from '@trunkline/contracts';
import { eventFields } from './event-fields.ts';
import { errorOfReply, readReason, replyUnreadable } from './foreign-error.ts';

export interface ElasticsearchSettings {
  /** One or several nodes; `null` where a cloud id is given. */
  readonly urls: readonly string[] | null;
  readonly cloudId: string | null;
  /** Encoded form. */
  readonly apiKey: string | null;
  readonly username: string | null;
  readonly password: string | null;
  /** PEM file of the cluster's own authority. */
  readonly caFile: string | null;
  /** Longest wait for a whole answer. */
  readonly timeoutMs: number;
}

export interface Ask {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean>;
  body?: object;
  /** Lines of JSON in place of `body`; bytes are UTF-8. */
  lines?: string | Buffer;
  /** The request in words for errors, e.g. `to install the index template`. */
  what: string;
  /** Statuses beyond 2xx that are answers to this request, not errors. */
  accept?: readonly number[];
  signal?: AbortSignal | undefined;
}

export interface Answer {
  status: number;
  body: unknown;
}

export class Elasticsearch implements AsyncDisposable {
  readonly #client: Client;
  readonly #timeoutMs: number;

  /** @throws TrunklineError CONFIG_INVALID where the CA file cannot be read */
  constructor(settings: ElasticsearchSettings) {
    this.#timeoutMs = settings.timeoutMs;
    this.#client = new Client(clientOptions(settings));
  }

  /**
   * @throws TrunklineError with an ELASTICSEARCH_ code
   * @throws the signal's reason when the caller has aborted
   */
  async ask(ask: Ask): Promise<Answer> {
    return this.#send(ask, false);
  }

  /** As `ask`, with the body as its text: for documents whose numbers must not pass through a double. */
  async askText(ask: Ask): Promise<{ status: number; body: string }> {
    const { status, body } = await this.#send(ask, true);
    return { status, body: body as string };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }

  async #send(ask: Ask, asText: boolean): Promise<Answer> {
    // A signal of its own for each request: the transport dispatches events on the one it is given.
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const signal = ask.signal === undefined ? deadline : AbortSignal.any([deadline, ask.signal]);
    try {
      const result = await this.#client.transport.request(
        {
          method: ask.method,
          path: ask.path,
          ...(ask.query === undefined ? {} : { querystring: ask.query }),
          ...(ask.body === undefined ? {} : { body: ask.body }),
          ...(ask.lines === undefined ? {} : { bulkBody: ask.lines }),
        },
        { meta: true, signal, ignore: [...(ask.accept ?? [])], asStream: asText },
      );
      const { statusCode: status } = result;
      if (!asText) return { status, body: result.body };
      const body = await textOfStream(result.body as unknown as Readable);
      // The transport judges the status of no stream.
      if (status < 300 || ask.accept?.includes(status)) return { status, body };
      throw errorOfReply(status, readReason(errorMember(body), eventFields), ask.what, null);
    } catch (error) {
      if (ask.signal?.aborted) throw ask.signal.reason;
      throw toTrunklineError(error, ask.what, deadline.aborted ? this.#timeoutMs : null);
    }
  }
}

function clientOptions(settings: ElasticsearchSettings): ClientOptions {
  const options: ClientOptions = {
    maxRetries: 0,
    requestTimeout: settings.timeoutMs,
    name: 'trunkline',
  };
  if (settings.cloudId !== null) options.cloud = { id: settings.cloudId };
  else options.nodes = [...(settings.urls ?? [])];
  if (settings.apiKey !== null) options.auth = { apiKey: settings.apiKey };
  else if (settings.username !== null) {
    options.auth = { username: settings.username, password: settings.password ?? '' };
  }
  if (settings.caFile !== null) options.tls = { ca: readCa(settings.caFile) };
  return options;
}

function readCa(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TrunklineError('CONFIG_INVALID', {
      message: `ELASTICSEARCH_CA_FILE: the file ${file} cannot be read.`,
      remedy: 'Give the path of a PEM file that this process may read.',
      cause,
    });
  }
}

function errorMember(body: string): unknown {
  try {
    return (JSON.parse(body) as { error?: unknown }).error;
  } catch {
    return undefined;
  }
}

function toTrunklineError(error: unknown, what: string, timedOutAfterMs: number | null): TrunklineError {
  if (error instanceof TrunklineError) return error;
  if (timedOutAfterMs !== null || error instanceof errors.TimeoutError) {
    return unreachable(`did not answer within ${timedOutAfterMs ?? 'the set'} ms when asked ${what}`, error);
  }
  if (error instanceof errors.ResponseError) {
    const body = error.body as { error?: unknown } | undefined;
    return errorOfReply(error.statusCode ?? 0, readReason(body?.error, eventFields), what, error);
  }
  if (error instanceof errors.DeserializationError) return replyUnreadable(what, error);
  if (error instanceof errors.ProductNotSupportedError) {
    return new TrunklineError('ELASTICSEARCH_SETUP_REFUSED', {
      message: 'What answers at ELASTICSEARCH_URL is not Elasticsearch.',
      remedy: 'Give the address of an Elasticsearch 8 or 9 cluster.',
      cause: error,
    });
  }
  // What else the transport or the stream of an answer throws is a connection that failed.
  return unreachable(`could not be reached when asked ${what}`, error);
}

function unreachable(how: string, cause: unknown): TrunklineError {
  return new TrunklineError('ELASTICSEARCH_UNREACHABLE', {
    message: `Elasticsearch ${how}.`,
    remedy: 'Nothing is lost: it is tried again. Check ELASTICSEARCH_URL, the network and the cluster.',
    cause,
  });
}
