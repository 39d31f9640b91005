import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';

/**
 * An Elasticsearch whose `_bulk` takes a fixed time and no CPU: it answers that every document was created, and keeps none.
 * All else goes to the real one, so that an indexer finds templates, indices and health as usual.
 */
export class SimulatedSink implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #agent: Agent;

  private constructor(url: string, server: Server, agent: Agent) {
    this.url = url;
    this.#server = server;
    this.#agent = agent;
  }

  static async start(elasticsearchUrl: string, bulkMs: number): Promise<SimulatedSink> {
    const agent = new Agent();
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await buffer(request);
      if (request.url?.startsWith('/_bulk')) {
        const answer = answerOf(body.toString());
        await sleep(bulkMs);
        response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
        response.end(answer);
        return;
      }
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const forwarded = await agent.request({
        origin: elasticsearchUrl,
        path: request.url ?? '/',
        method: (request.method ?? 'GET') as 'GET',
        headers,
        body: body.length === 0 ? null : body,
      });
      const { 'transfer-encoding': _chunked, 'content-length': _length, ...answered } = forwarded.headers;
      response.writeHead(forwarded.statusCode, answered);
      response.end(await forwarded.body.bytes());
    };
    const server = createServer((request, response) => {
      serve(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new SimulatedSink(`http://127.0.0.1:${port}`, server, agent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    await this.#agent.close();
  }
}

/** Pure: the answer to a `_bulk` body whose documents are all created; what `filter_path` leaves of it. */
export function answerOf(body: string): string {
  const items = body
    .split('\n')
    .filter((line, place) => place % 2 === 0 && line !== '')
    .map((line) => (JSON.parse(line) as { create: { _id: string } }).create._id)
    .map((id) => `{"create":{"_id":${JSON.stringify(id)},"status":201}}`);
  return `{"items":[${items.join(',')}]}`;
}
