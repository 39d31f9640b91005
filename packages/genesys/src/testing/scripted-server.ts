import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answer =
  /** `cut`: after so many bytes of the body the connection is reset. */
  | { status: number; headers?: Record<string, string>; body?: string | Buffer; cut?: number }
  | { cutAfter: string } // promises more than it sends, then resets
  | 'reset'
  | 'silence';

/** A real HTTP server on a free port that answers as its test says and remembers what it was asked. */
export class ScriptedServer implements AsyncDisposable {
  readonly requests: ReceivedRequest[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(answer: (request: ReceivedRequest, nth: number) => Answer): Promise<ScriptedServer> {
    const server = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const received = {
          method: incoming.method ?? '',
          path: incoming.url ?? '',
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        };
        scripted.requests.push(received);
        send(
          response,
          answer(received, scripted.requests.filter(({ path }) => path === received.path).length),
        );
      });
    });
    const scripted = new ScriptedServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return scripted;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  to(path: string): ReceivedRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return;
  if (answer === 'reset') {
    response.destroy();
    return;
  }
  if ('cutAfter' in answer) {
    response.writeHead(200, { 'content-length': String(answer.cutAfter.length + 100) });
    response.write(answer.cutAfter, () => response.destroy());
    return;
  }
  response.writeHead(answer.status, answer.headers);
  if (answer.cut !== undefined) {
    response.write(answer.body?.slice(0, answer.cut) ?? '', () => setImmediate(() => response.destroy()));
    return;
  }
  response.end(answer.body ?? '');
}
