import { fileURLToPath } from 'node:url';
import { AccessLog, turnedAway } from '@trunkline/access-log';
import type { QueueName } from '@trunkline/contracts';
import type { DeadLetterTally } from '@trunkline/overview';
import type { Logger } from '@trunkline/service';
import type { Queue } from 'bullmq';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Redis } from 'ioredis';
import { Counter, type Registry } from 'prom-client';
import { accessLogRoutes } from './access/access-log-page.ts';
import { addressOf } from './access/address.ts';
import { loginRoutes } from './access/login.ts';
import { LoginThrottle } from './access/login-throttle.ts';
import { OperatorActions } from './access/operator-actions.ts';
import type { ProxyIdentity } from './access/proxy-visitor.ts';
import { mayChangeThings } from './access/same-origin.ts';
import { securityHeaders } from './access/security-headers.ts';
import { SessionCookie } from './access/session-cookie.ts';
import { Sessions } from './access/sessions.ts';
import { Users } from './access/users.ts';
import { openForReading, proxyLogin, requireProxy, requireSession } from './access/visitor.ts';
import { boardRoutes } from './board/board.ts';
import type { OwnConfig } from './config.ts';
import type { DeadLetterPlaces } from './dead-letters/places.ts';
import { deadLetterRoutes } from './dead-letters/routes.ts';
import type { DecisionRuns } from './dead-letters/runs.ts';
import { noticePage } from './html/layout.ts';
import { needsRedis, unlessAnswered } from './needs-redis.ts';
import type { OverviewFeed } from './overview/feed.ts';
import { overviewRoutes } from './overview/routes.ts';
import type { RedisPulse } from './redis-pulse.ts';
import { windowRoutes } from './windows/routes.ts';

export interface AppParts {
  readonly config: OwnConfig;
  readonly deployment: string;
  readonly redis: Redis;
  readonly pulse: RedisPulse;
  readonly queue: (name: QueueName) => Queue;
  readonly feed: OverviewFeed;
  readonly places: DeadLetterPlaces;
  readonly runs: DecisionRuns;
  readonly tally: DeadLetterTally;
  readonly log: Logger;
  readonly registry: Registry;
}

const font = fileURLToPath(
  import.meta.resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
);

/** The dashboard's pages, in the order in which a request passes them: everything below the session needs one. */
export function createApp(parts: AppParts): Express {
  const { config, deployment, redis, pulse, queue, feed, places, runs, tally, log, registry } = parts;
  const accessLog = new AccessLog(redis, deployment, log);
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustedProxies ?? false);
  app.use(securityHeaders());
  app.use(refuseOtherOrigins(accessLog));
  app.use('/assets', express.static(fileURLToPath(new URL('../assets', import.meta.url)), { index: false }));
  app.get('/assets/inter.woff2', (_request, response) => response.sendFile(font, { dotfiles: 'allow' }));
  app.use(needsRedis(pulse));

  const proxy = proxyOf(config);
  if (proxy !== null) app.use(proxyLogin(proxy, accessLog));
  if (config.users !== null) {
    const users = new Users(config.users);
    const sessions = new Sessions(redis, deployment, users, config.sessionLengthMs);
    const cookie = new SessionCookie(config.secureCookies);
    const throttle = new LoginThrottle(redis, deployment);
    app.use(loginRoutes({ users, sessions, throttle, cookie, accessLog }));
    app.use(requireSession(sessions, cookie));
  } else app.use(proxy === null ? openForReading() : requireProxy());
  app.use(unlessAnswered());

  const counter = new Counter({
    name: 'trunkline_dashboard_actions_total',
    help: 'What people asked the dashboard to do, by action and outcome (done, failed, refused)',
    labelNames: ['action', 'outcome'] as const,
    registers: [registry],
  });
  app.use(overviewRoutes(feed));
  const actions = new OperatorActions(accessLog, counter);
  app.use('/queues', boardRoutes('/queues', queue, actions));
  app.use('/dead-letters', deadLetterRoutes(places, { actions, tally, runs }));
  app.use('/windows', windowRoutes({ feed, queue, actions, attempts: places.attempts }));
  app.use(accessLogRoutes(accessLog));
  app.use((_request, response) => {
    response.status(404).send(noticePage('Not found', 'There is no such page here.'));
  });
  app.use(failed(log));
  return app;
}

/** `null`: nobody is logged in by a proxy. */
function proxyOf(config: OwnConfig): ProxyIdentity | null {
  const { proxyUserHeader, proxyRolesHeader, proxyOperators, proxyViewers } = config;
  if (proxyUserHeader === null) return null;
  return {
    userHeader: proxyUserHeader,
    rolesHeader: proxyRolesHeader,
    operatorRoles: proxyOperators ?? [],
    viewerRoles: proxyViewers,
  };
}

function refuseOtherOrigins(accessLog: AccessLog): RequestHandler {
  return (request, response, next) => {
    const { host, origin, 'sec-fetch-site': fetchSite } = request.headers;
    const site = typeof fetchSite === 'string' ? fetchSite : undefined;
    if (mayChangeThings({ method: request.method, host, origin, fetchSite: site })) return next();
    const entry = turnedAway('access.cross-site-refused', addressOf(request));
    void accessLog.tell(entry, 'A request of another site was refused');
    response.status(403).json({
      error: { key: 'ERRORS.FORBIDDEN' },
      message: "Only this dashboard's own pages may change something.",
    });
  };
}

function failed(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    // It was told that Redis does not answer; what was left of it has nobody to tell.
    if (response.writableEnded) return;
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
