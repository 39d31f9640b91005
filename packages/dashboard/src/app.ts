import { fileURLToPath } from 'node:url';
import type { QueueName } from '@trunkline/contracts';
import type { Logger } from '@trunkline/service';
import type { Queue } from 'bullmq';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import { Counter, type Registry } from 'prom-client';
import { addressOf, loginRoutes } from './access/login.ts';
import { LoginThrottle } from './access/login-throttle.ts';
import { mayChangeThings } from './access/same-origin.ts';
import { securityHeaders } from './access/security-headers.ts';
import { SessionCookie } from './access/session-cookie.ts';
import { Sessions } from './access/sessions.ts';
import { Users } from './access/users.ts';
import { openForReading, requireSession } from './access/visitor.ts';
import { boardRoutes } from './board/board.ts';
import type { OwnConfig } from './config.ts';
import { noticePage } from './html/layout.ts';
import type { OverviewFeed } from './overview/feed.ts';
import { overviewRoutes } from './overview/routes.ts';

export interface AppParts {
  readonly config: OwnConfig;
  readonly deployment: string;
  readonly redis: Redis;
  readonly queue: (name: QueueName) => Queue;
  readonly feed: OverviewFeed;
  readonly log: Logger;
  readonly registry: Registry;
}

const font = fileURLToPath(
  import.meta.resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
);

/** The dashboard's pages, in the order in which a request passes them: everything below the session needs one. */
export function createApp(parts: AppParts): Express {
  const { config, deployment, redis, queue, feed, log, registry } = parts;
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustedProxies ?? false);
  app.use(securityHeaders());
  app.use(refuseOtherOrigins(log));
  app.use('/assets', express.static(fileURLToPath(new URL('../assets', import.meta.url)), { index: false }));
  app.get('/assets/inter.woff2', (_request, response) => response.sendFile(font, { dotfiles: 'allow' }));
  app.use(needsRedis(redis));

  if (config.users === null) {
    app.use(openForReading());
  } else {
    const users = new Users(config.users);
    const sessions = new Sessions(redis, deployment, users, config.sessionLengthMs);
    const cookie = new SessionCookie(config.secureCookies);
    const throttle = new LoginThrottle(redis, deployment);
    app.use(loginRoutes({ users, sessions, throttle, cookie, log }));
    app.use(requireSession(sessions, cookie));
  }

  const actions = new Counter({
    name: 'trunkline_dashboard_actions_total',
    help: 'What people asked Bull Board to change, by action and outcome (done, failed, refused)',
    labelNames: ['action', 'outcome'] as const,
    registers: [registry],
  });
  app.use(overviewRoutes(feed));
  app.use('/queues', boardRoutes('/queues', queue, { log, actions }));
  app.use((_request, response) => {
    response.status(404).send(noticePage('Not found', 'There is no such page here.'));
  });
  app.use(failed(log));
  return app;
}

function refuseOtherOrigins(log: Logger): RequestHandler {
  return (request, response, next) => {
    const { host, origin, 'sec-fetch-site': fetchSite } = request.headers;
    const site = typeof fetchSite === 'string' ? fetchSite : undefined;
    if (mayChangeThings({ method: request.method, host, origin, fetchSite: site })) return next();
    log.warn(
      { event: 'access.cross-site-refused', address: addressOf(request) },
      'A request of another site was refused',
    );
    response.status(403).json({
      error: { key: 'ERRORS.FORBIDDEN' },
      message: "Only this dashboard's own pages may change something.",
    });
  };
}

/** With Redis away a command would wait for it, and the browser with it. */
function needsRedis(redis: Redis): RequestHandler {
  return (_request, response, next) => {
    if (redis.status === 'ready') return next();
    const text =
      'Redis cannot be reached. Work waits in it and goes on by itself when it is back; check REDIS_URL and the server.';
    response.status(503).setHeader('retry-after', '5').send(noticePage('Redis is away', text));
  };
}

function failed(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    const status = statusOf(error);
    if (status >= 500) log.error({ event: 'dashboard.request-failed', err: error }, 'A request failed');
    if (response.headersSent) return next(error);
    const text =
      status >= 500
        ? 'The dashboard could not answer; its log has the place.'
        : 'The request cannot be read.';
    response.status(status).send(noticePage('That did not work', text));
  };
}

/** Parsers of express state a 4xx for what they cannot read. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? status : 500;
}
