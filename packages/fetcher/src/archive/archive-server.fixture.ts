/** A real HTTP server that serves the pages of an archive as the guide contract says, and misbehaves as its test says. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ServedPage {
  body: Buffer;
  /** As sent; `null`: none. Default: of the body. */
  etag?: string | null;
  /** Headers beside those of the body; in place of the digest where they name it. */
  headers?: Record<string, string>;
}

export interface ArchiveRequest {
  page: number;
  body: string;
  headers: IncomingHttpHeaders;
}

/** What becomes of a request for the archive; `null`: it is answered as it should be. */
export type Misbehave = (
  request: ArchiveRequest,
  nth: number,
) =>
  | { status: number; headers?: Record<string, string>; body?: string }
  | { cutAfter: number } // bytes of the body, then the connection is reset
  | { stallAfter: number } // bytes of the body, then nothing until the connection ends
  | 'ignore-range'
  | null;

export class ArchiveServer implements AsyncDisposable {
  pages: ServedPage[] = [{ body: Buffer.from('[]') }];
  misbehave: Misbehave = () => null;
  readonly requests: ArchiveRequest[] = [];
  /** Bytes of bodies that were written. */
  servedBytes = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<ArchiveServer> {
    const server = createServer((incoming, response) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const url = new URL(incoming.url ?? '', 'http://server');
        if (url.pathname === '/oauth/token') {
          response.end('{"access_token":"token-1","expires_in":3600,"token_type":"bearer"}');
          return;
        }
        const page = Number(url.searchParams.get('page')?.slice('page/'.length) ?? 1);
        const request = { page, headers: incoming.headers, body: Buffer.concat(parts).toString() };
        served.requests.push(request);
        void served.#answer(request, response);
      });
    });
    const served = new ArchiveServer(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return served;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #answer(request: ArchiveRequest, response: ServerResponse): Promise<void> {
    const fault = this.misbehave(request, this.requests.length);
    if (fault !== null && typeof fault === 'object' && 'status' in fault) {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    const page = this.pages[request.page - 1];
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { body } = page;
    const etag = page.etag === undefined ? `"${sha256(body).slice(0, 16)}"` : page.etag;
    const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const inRange = asked !== undefined && request.headers['if-range'] === etag && fault !== 'ignore-range';
    const from = inRange ? Number(asked) : 0;
    if (inRange && from >= body.length) {
      response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
      return;
    }
    response.writeHead(inRange ? 206 : 200, {
      'content-length': String(body.length - from),
      'accept-ranges': 'bytes',
      ...(etag === null ? {} : { etag }),
      ...(inRange ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
      ...(request.page < this.pages.length ? { 'x-next-page': `page/${request.page + 1}` } : {}),
      ...(page.headers ?? {
        'repr-digest': `sha-256=:${Buffer.from(sha256(body), 'hex').toString('base64')}:`,
      }),
    });
    const limit =
      fault !== null && typeof fault === 'object'
        ? 'cutAfter' in fault
          ? fault.cutAfter
          : fault.stallAfter
        : Number.POSITIVE_INFINITY;
    const part = body.subarray(from, from + Math.min(limit, body.length));
    this.servedBytes += part.length;
    if (limit === Number.POSITIVE_INFINITY) response.end(part);
    else if (fault !== null && typeof fault === 'object' && 'cutAfter' in fault) {
      response.write(part, () => setImmediate(() => response.destroy()));
    } else response.write(part);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Conversations of about so many bytes each, all different. */
export function conversations(count: number, bytes = 200, start = 0): string[] {
  return Array.from({ length: count }, (_, index) => {
    const id = `c-${start + index}`;
    return `{"conversationId":"${id}", "n":9007199254740993,"transcripts":["${`${id} speaks. `.repeat(Math.ceil(bytes / 8)).slice(0, bytes)}"]}`;
  });
}

export function arrayOf(texts: readonly string[]): Buffer {
  return Buffer.from(`[${texts.join(',\n')}]\n`);
}
