import type { Request } from 'express';

/** Where a request comes from: behind trusted proxies what they state, else the peer of the connection. */
export function addressOf(request: Request): string {
  return request.ip ?? request.socket.remoteAddress ?? 'unknown';
}
