import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  request as send,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { resetSocket } from './reset-socket.ts';

export interface ProxiedRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface ProxiedReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** What becomes of a request that an interception meets. */
export type Interference =
  /** Answered here; the server never sees it. */
  | { kind: 'answer'; status: number; body: string | object; headers?: Record<string, string> }
  /** Passed on in other words, in one direction or both. Each function sees the request as the client sent it. */
  | {
      kind: 'exchange';
      request?: (request: ProxiedRequest) => Buffer;
      reply?: (reply: ProxiedReply, request: ProxiedRequest) => ProxiedReply;
    }
  /** Passed on and carried out; only so many bytes of the reply's body come back, then a RST. */
  | { kind: 'cut-reply'; afterBytes: number }
  /** Passed on and carried out; the reply never comes. */
  | { kind: 'lose-reply' }
  /** Reset before the server sees it. */
  | { kind: 'reset' }
  /** Passed on after this time. */
  | { kind: 'delay'; ms: number };

/** A planned fault. */
export interface Interception {
  /** How many requests it met. */
  readonly struck: number;
  stop(): void;
}

interface Planned {
  when: (request: ProxiedRequest) => boolean;
  left: number;
  struck: number;
  interference: Interference;
}

/** Requests to `_bulk` of any index. */
export function isBulk(request: ProxiedRequest): boolean {
  return request.path === '/_bulk' || request.path.endsWith('/_bulk');
}

/**
 * A reverse proxy that answers, changes, delays or loses chosen requests: faults that need to know HTTP. What lies below
 * it (resets, stalls, slow connections) is `FaultProxy`'s.
 */
export class HttpFaultProxy implements AsyncDisposable {
  readonly url: string;
  readonly #target: URL;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  #planned: Planned[] = [];
  #observers: ((request: ProxiedRequest, status: number) => void)[] = [];

  private constructor(target: string, server: Server) {
    this.#target = new URL(target);
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** @param target URL of the server */
  static async start(target: string): Promise<HttpFaultProxy> {
    const server = createServer({ keepAliveTimeout: 120_000 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const proxy = new HttpFaultProxy(target, server);
    server.on('request', (message, response) => {
      proxy.#serve(message, response).catch(() => resetSocket(response.socket));
    });
    return proxy;
  }

  /**
   * Plans a fault. Of several that a request meets, the one planned first strikes.
   * @param times how many requests it meets; default: every one until it is stopped
   */
  intercept(
    when: (request: ProxiedRequest) => boolean,
    interference: Interference,
    times: number = Number.POSITIVE_INFINITY,
  ): Interception {
    const planned: Planned = { when, interference, left: times, struck: 0 };
    this.#planned.push(planned);
    return {
      get struck() {
        return planned.struck;
      },
      stop: () => {
        planned.left = 0;
      },
    };
  }

  /** Calls back for every request that was answered; to see what a client does, not to change it. */
  observe(observer: (request: ProxiedRequest, status: number) => void): void {
    this.#observers.push(observer);
  }

  /** Drops every planned fault. */
  heal(): void {
    this.#planned = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await closed;
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '/', this.url);
    const request: ProxiedRequest = {
      method: message.method ?? 'GET',
      path: url.pathname,
      query: url.search,
      headers: message.headers,
      body: await buffer(message),
    };
    const interference = this.#strike(request);
    if (interference?.kind === 'reset') {
      resetSocket(response.socket);
      return;
    }
    if (interference?.kind === 'delay') await sleep(interference.ms);
    const exchange = interference?.kind === 'exchange' ? interference : null;
    let reply =
      interference?.kind === 'answer'
        ? madeUp(interference)
        : await this.#forward({ ...request, body: exchange?.request?.(request) ?? request.body });
    if (exchange?.reply !== undefined) reply = exchange.reply(reply, request);
    if (interference?.kind === 'lose-reply') return;
    for (const observer of this.#observers) observer(request, reply.status);
    const headers = {
      ...reply.headers,
      // The length that a HEAD tells is of a body that does not come.
      ...(request.method === 'HEAD' ? {} : { 'content-length': String(reply.body.length) }),
    };
    response.writeHead(reply.status, headers as Record<string, string>);
    if (interference?.kind === 'cut-reply') {
      response.write(reply.body.subarray(0, interference.afterBytes), () => resetSocket(response.socket));
      return;
    }
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  #strike(request: ProxiedRequest): Interference | null {
    const planned = this.#planned.find(({ left, when }) => left > 0 && when(request));
    if (planned === undefined) return null;
    planned.left -= 1;
    planned.struck += 1;
    return planned.interference;
  }

  #forward(request: ProxiedRequest): Promise<ProxiedReply> {
    // Replies in plain text, so that they can be read and changed here.
    const {
      'accept-encoding': _,
      'transfer-encoding': __,
      host: ___,
      connection: ____,
      // The body is here already: nothing waits for a 100.
      expect: _____,
      ...headers
    } = request.headers;
    return new Promise((resolve, reject) => {
      const outgoing = send(
        {
          host: this.#target.hostname,
          port: this.#target.port,
          method: request.method,
          path: `${request.path}${request.query}`,
          headers: { ...headers, 'content-length': String(request.body.length) },
          agent: this.#agent,
        },
        (incoming) => {
          buffer(incoming).then((body) => {
            const {
              'transfer-encoding': _chunked,
              connection: _hop,
              'keep-alive': _alive,
              ...kept
            } = incoming.headers;
            resolve({ status: incoming.statusCode ?? 502, headers: kept, body });
          }, reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(request.body);
    });
  }
}

function madeUp(answer: Extract<Interference, { kind: 'answer' }>): ProxiedReply {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  return {
    status: answer.status,
    headers: {
      // Elasticsearch's client takes nothing that does not say so for an Elasticsearch.
      'x-elastic-product': 'Elasticsearch',
      'content-type': 'application/json',
      ...answer.headers,
    },
    body: Buffer.from(text),
  };
}
