import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** A request with its whole body. */
export interface ReceivedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  /** Null where it is larger than Genesys Cloud takes. */
  body: Buffer | null;
}

/** Largest request body, as on the limits page of Genesys Cloud. */
const MAX_BODY_BYTES = 512_000;

/** Reads a request to its end. Rejects when the client goes away before. */
export async function receive(message: IncomingMessage): Promise<ReceivedRequest> {
  const url = new URL(message.url ?? '/', 'http://simulator');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return {
    method: message.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    body: bytes > MAX_BODY_BYTES ? null : Buffer.concat(chunks),
  };
}

/** The media type of the body, without parameters, in lower case; null where none is stated. */
export function mediaType(request: ReceivedRequest): string | null {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? null;
}

/** The body as JSON; `{}` where there is none. @throws SyntaxError */
export function jsonOf(request: ReceivedRequest): unknown {
  return JSON.parse(request.body?.toString() || '{}');
}
