/** Stands before a real service and gives other answers where a test wants them; and a Redis that says of itself what it is told to. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, request, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';

interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** `null`: as the real service answers. */
export type Answering = (request: { method: string; path: string }) => Answer | null;

export class Relay implements AsyncDisposable {
  /** Reset between tests. */
  answering: Answering = () => null;
  /** Laid over the real answers' headers. */
  headers: Record<string, string> = {};
  readonly #target: URL;
  readonly #server: Server;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createHttpServer((incoming, outgoing) => {
      const { method = 'GET', url: path = '/' } = incoming;
      const answer = this.answering({ method, path });
      if (answer !== null) {
        incoming.resume();
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
        const type = typeof answer.body === 'string' ? 'application/xml' : 'application/json';
        outgoing.writeHead(answer.status, {
          'content-type': type,
          'x-elastic-product': 'Elasticsearch',
          ...answer.headers,
        });
        outgoing.end(method === 'HEAD' ? undefined : text);
        return;
      }
      const options = {
        method,
        path,
        host: this.#target.hostname,
        port: this.#target.port,
        headers: incoming.headers,
      };
      const forwarded = request(options, (reply: IncomingMessage) => {
        outgoing.writeHead(reply.statusCode ?? 502, { ...reply.headers, ...this.headers });
        reply.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      incoming.pipe(forwarded);
    });
  }

  static async before(target: string): Promise<Relay> {
    const relay = new Relay(target);
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.answering = () => null;
    this.headers = {};
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What a scripted Redis says of itself. */
export interface RedisSays {
  version?: string;
  policy?: string;
  appendOnly?: boolean;
  aheadSeconds?: number;
  isReplica?: boolean;
  /** What SET is answered with, as an error. */
  refusal?: string;
}

/** A server that speaks as much of Redis' protocol as the probes ask of it. */
export async function scriptedRedis(says: RedisSays): Promise<AsyncDisposable & { url: string }> {
  const values = new Map<string, string>();
  const server = createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (;;) {
        const command = nextCommand(text);
        if (command === null) return;
        text = text.slice(command.length);
        socket.write(replyTo(command.words, says, values));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

function nextCommand(text: string): { words: string[]; length: number } | null {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return null;
  let at = head[0].length;
  const words: string[] = [];
  for (let index = 0; index < Number(head[1]); index += 1) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return null;
    const from = at + size[0].length;
    const to = from + Number(size[1]);
    if (text.length < to + 2) return null;
    words.push(text.slice(from, to));
    at = to + 2;
  }
  return { words, length: at };
}

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

function replyTo([name = '', ...args]: string[], says: RedisSays, values: Map<string, string>): string {
  switch (name.toLowerCase()) {
    case 'info':
      return bulk(
        [
          `redis_version:${says.version ?? '7.0.15'}`,
          'loading:0',
          `role:${says.isReplica === true ? 'slave' : 'master'}`,
          `maxmemory_policy:${says.policy ?? 'noeviction'}`,
          `aof_enabled:${says.appendOnly === false ? 0 : 1}`,
          '',
        ].join('\r\n'),
      );
    case 'ping':
      return '+PONG\r\n';
    case 'time': {
      const seconds = Math.floor(Date.now() / 1_000) + (says.aheadSeconds ?? 0);
      return `*2\r\n${bulk(String(seconds))}${bulk('0')}`;
    }
    case 'set':
      if (says.refusal !== undefined) return `-${says.refusal}\r\n`;
      values.set(args[0] ?? '', args[1] ?? '');
      return '+OK\r\n';
    case 'get':
      return bulk(values.get(args[0] ?? '') ?? '');
    case 'pttl':
      return ':-2\r\n';
    case 'hello':
      return "-ERR unknown command 'HELLO'\r\n";
    default:
      return '+OK\r\n';
  }
}
