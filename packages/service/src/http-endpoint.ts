import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Health } from './health.ts';

/** The three pages every process answers: /metrics, /livez, /readyz. Nothing else, and no data of any record. */
export async function serveEndpoint(options: {
  host: string;
  port: number;
  health: Health;
  registry: Registry;
  stopping: AbortSignal;
}): Promise<{ url: string; close: () => Promise<void> }> {
  const { health, registry, stopping } = options;
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, { error: 'GET only' });
    if (path === '/livez') {
      const overdue = health.overdue();
      return answer(overdue.length === 0 ? 200 : 503, { live: overdue.length === 0, overdue });
    }
    if (path === '/readyz') {
      const problems = stopping.aborted ? ['process: stopping'] : health.problems();
      return answer(problems.length === 0 ? 200 : 503, { ready: problems.length === 0, problems });
    }
    if (path === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => answer(500, { error: 'metrics cannot be collected' }),
      );
      return;
    }
    return answer(404, { error: 'only /metrics, /livez and /readyz are here' });
  });
  await listen(server, options.port, options.host);
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
