/** A real HTTP server that serves a day of voice conversations as the platform contract says, and misbehaves as its test says. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PlatformRequest {
  method: string;
  path: string;
  body: string;
  headers: IncomingHttpHeaders;
}

/** What becomes of a request; `null`: it is answered as it should be. */
export type PlatformMisbehave = (
  request: PlatformRequest,
  nth: number,
) => { status: number; headers?: Record<string, string>; body?: string } | 'silence' | null;

const details = '/api/v2/analytics/conversations/details';

export class PlatformServer implements AsyncDisposable {
  /** Starts of the conversations; their ids are `c-<index>`. */
  starts: string[] = [];
  dataAvailabilityDate = '2026-01-08T00:00:00.000Z';
  misbehave: PlatformMisbehave = () => null;
  readonly requests: PlatformRequest[] = [];
  readonly #server: Server;
  #jobs = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<PlatformServer> {
    const server = createServer((incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const { method = '', url: path = '', headers } = incoming;
        if (path === '/oauth/token') {
          response.end('{"access_token":"token-1","expires_in":3600,"token_type":"bearer"}');
          return;
        }
        const request = { method, path, headers, body: Buffer.concat(parts).toString() };
        served.requests.push(request);
        served.#answer(request, response);
      });
    });
    const served = new PlatformServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return served;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Settings of a fetcher that reads from here. */
  get settings(): Record<string, string> {
    return {
      GENESYS_CONTRACT: 'platform',
      GENESYS_LOGIN_BASE: this.base,
      GENESYS_DOWNLOAD_HOSTS: '127.0.0.1',
    };
  }

  to(part: string): PlatformRequest[] {
    return this.requests.filter(({ path }) => path.includes(part));
  }

  /** The documents of these conversations, as they are to be archived. */
  documents(from = 0, to = this.starts.length): string[] {
    return Array.from({ length: to - from }, (_, at) => {
      const row = this.#row(from + at).slice(0, -1);
      return `${row},"transcripts":[${transcriptOf(`c-${from + at}`)}]}`;
    });
  }

  #row(index: number): string {
    const sessions = `[{"mediaType":"voice","sessionId":"s-${index}"}]`;
    return `{"conversationId":"c-${index}","conversationStart":"${this.starts[index]}","n":9007199254740993,"participants":[{"sessions":${sessions}}]}`;
  }

  #answer(request: PlatformRequest, response: ServerResponse): void {
    const nth = this.requests.filter(({ path }) => path === request.path).length;
    const fault = this.misbehave(request, nth);
    if (fault === 'silence') return;
    const { status, headers, body } = fault ?? this.#reply(request);
    response.writeHead(status, headers).end(body ?? '');
  }

  #reply({ method, path, body }: PlatformRequest): {
    status: number;
    headers?: Record<string, string>;
    body: string;
  } {
    const url = new URL(path, this.base);
    const rows = this.starts.map((_start, index) => this.#row(index));
    const pageOf = (from: number, size: number) =>
      `"conversations":[${rows.slice(from, from + size).join(',')}]`;
    if (path === `${details}/query`) {
      const { pageSize, pageNumber } = JSON.parse(body).paging;
      return ok(`{${pageOf((pageNumber - 1) * pageSize, pageSize)},"totalHits":${rows.length}}`);
    }
    if (path === `${details}/jobs/availability`) {
      return ok(JSON.stringify({ dataAvailabilityDate: this.dataAvailabilityDate }));
    }
    if (path === `${details}/jobs` && method === 'POST') {
      return { status: 202, body: `{"jobId":"job-${++this.#jobs}"}` };
    }
    if (url.pathname.endsWith('/results')) {
      const size = Number(url.searchParams.get('pageSize'));
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const cursor = from + size < rows.length ? `,"cursor":"${from + size}"` : '';
      return ok(`{${pageOf(from, size)}${cursor}}`);
    }
    if (path.startsWith(`${details}/jobs/`)) return ok('{"state":"FULFILLED"}');
    const [, conversation] =
      /conversations\/(c-\d+)\/communications\/s-\d+\/transcripturls$/.exec(path) ?? [];
    if (conversation !== undefined) {
      return ok(JSON.stringify({ urls: [{ url: `${this.base}/store/${conversation}?signature=s` }] }));
    }
    const [, stored] = /^\/store\/(c-\d+)\?/.exec(path) ?? [];
    if (stored !== undefined) return ok(transcriptOf(stored));
    return { status: 404, body: '{"code":"resource.not.found","status":404}' };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** So many starts, evenly over a day. */
export function startsOf(count: number, day = '2026-01-05'): string[] {
  const from = Date.parse(`${day}T00:00:00.000Z`);
  return Array.from({ length: count }, (_, n) => new Date(from + (n * 86_400_000) / count).toISOString());
}

function transcriptOf(conversation: string): string {
  return `{"conversationId":"${conversation}","transcripts":[{"phrases":[{"text":"${conversation} speaks", "confidence":0.10}]}]}`;
}

function ok(body: string) {
  return { status: 200, body };
}
