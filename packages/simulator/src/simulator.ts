import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Archive } from './archive/archive.ts';
import { ArchiveControl } from './archive/archive-control.ts';
import { ArchiveEndpoint } from './archive/archive-endpoint.ts';
import { DownloadLog } from './archive/download-log.ts';
import { PageTokens } from './archive/page-token.ts';
import { AuditStream } from './audit/stream.ts';
import type { SimulatorClock } from './clock.ts';
import { CONTROL_PATH, ControlApi } from './control/control-api.ts';
import { EventBridge } from './event-bridge/event-bridge.ts';
import { answerEvent } from './event-bridge/event-bridge-endpoint.ts';
import { FaultPlan, type Strike } from './faults/fault-plan.ts';
import type { FaultRoute } from './faults/fault-route.ts';
import { answerAtGateway } from './faults/gateway.ts';
import { CursorBook } from './guide/cursor.ts';
import { type EventStreamAnswer, EventStreamEndpoint } from './guide/event-stream-endpoint.ts';
import { errorReply } from './http/error-reply.ts';
import { type ReceivedRequest, receive } from './http/received-request.ts';
import type { Reply } from './http/reply.ts';
import { send } from './http/send.ts';
import { Ledger } from './ledger/ledger.ts';
import { AccessTokens } from './login/access-tokens.ts';
import { bearerToken } from './login/bearer.ts';
import { TokenEndpoint } from './login/token-endpoint.ts';
import { optionsSchema, type SimulatorOptionsInput } from './options.ts';
import { auditRoutes } from './platform/audits/audit-routes.ts';
import { AuditRows } from './platform/audits/audit-rows.ts';
import { AUDIT_DEFAULTS, type AuditSettings } from './platform/audits/audit-settings.ts';
import { HistoryQueries } from './platform/audits/history-queries.ts';
import { Renditions } from './platform/audits/renditions.ts';
import { communicationRoutes } from './platform/conversations/communication-routes.ts';
import { detailsRoutes } from './platform/conversations/details-routes.ts';
import { Searches } from './platform/conversations/hits.ts';
import { Rendition } from './platform/conversations/rendition.ts';
import { PlatformApi, type PlatformOutcome } from './platform/platform-api.ts';
import { PresignedLinks } from './platform/presigned-links.ts';
import { RateLimit } from './platform/rate-limit.ts';
import { Traffic } from './platform/traffic.ts';
import { RequestLog } from './request-log.ts';
import { SealedText } from './sealed-text.ts';
import { World } from './world.ts';

/** Paths of the login, of the guide contract and of the event bridge; the platform's own are in `platform/`. */
const ROUTES = new Map<string, GuideRoute>([
  ['/oauth/token', 'token'],
  ['/api/v2/eventstreams', 'eventstreams'],
  ['/api/v2/analytics/conversations/details/query', 'archives'],
  ['/event-bridge', 'event-bridge'],
]);

type GuideRoute = Extract<FaultRoute, 'token' | 'eventstreams' | 'archives' | 'event-bridge'>;

/** Longer than any client's idle limit, so that a connection is never closed under a request by chance. */
const KEEP_ALIVE_MS = 120_000;

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:PORT`, to be given as GENESYS_API_BASE. */
  url: string;
  port: number;
  /** The parts, for tests in the same process; changes of the world are made through `control`. */
  clock: SimulatorClock;
  stream: AuditStream;
  ledger: Ledger;
  faults: FaultPlan;
  requests: RequestLog;
  control: ControlApi;
  archive: Archive;
  downloads: DownloadLog;
  eventBridge: EventBridge;
  /** `url` + `/event-bridge`, to be given as EVENT_BRIDGE_URL. */
  eventBridgeUrl: string;
  /** True where it continues what an earlier one began in the same directory. */
  continued: boolean;
  seed: string;
  /** Breaks all connections and closes the ledger. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a Genesys Cloud simulator that serves the guide contract and the platform contract, and a receiver of completion events.
 * @param input settings; each has a default
 * @param hostNow the host's clock, epoch ms
 * @throws ZodError on wrong settings; Error where the data directory cannot be continued; the socket's error where the
 *   port is taken
 */
export async function startSimulator(
  input: SimulatorOptionsInput = {},
  hostNow: () => number = Date.now,
): Promise<Simulator> {
  const options = optionsSchema.parse(input);
  const world = new World(options, hostNow);
  const stream = new AuditStream(world.seed, world.schedule);
  const renditions = new Renditions(stream);
  const ledger = new Ledger(stream, renditions, options.dataDir);
  const faults = new FaultPlan(world.seed);
  const requests = new RequestLog();
  const traffic = new Traffic();
  const rateLimit = new RateLimit({
    allowed: options.rateLimit,
    answer: options.rateLimitAnswer,
    headers: options.rateLimitHeaders,
  });
  // The origin makes strings of a world that was thrown away unknown in the next one of the same seed.
  const sealed = new SealedText(`${world.seedText}\0${world.originMs}`);
  const tokens = new AccessTokens(sealed, hostNow);
  const tokenEndpoint = new TokenEndpoint(options, tokens, world);
  const endpoint = new EventStreamEndpoint(
    {
      windowMs: options.windowHours * 3_600_000,
      cursorMs: options.cursorSeconds === null ? null : options.cursorSeconds * 1000,
      expiredCursorStatus: options.expiredCursorStatus,
    },
    { world, stream, ledger, tokens, cursors: new CursorBook(sealed) },
    hostNow,
  );
  const archive = new Archive(world.seed, world.archive, () => world.clock.now());
  const downloads = new DownloadLog(options.dataDir);
  const eventBridge = new EventBridge(options.eventBridgeSecret, options.dataDir, hostNow);
  const rendition = new Rendition(world.seed, archive);
  const archiveControl = new ArchiveControl({ world, archive, downloads, rendition });
  const archiveEndpoint = new ArchiveEndpoint(
    {
      world,
      archive,
      tokens,
      pageTokens: new PageTokens(sealed),
      downloads,
      rewrite: (from, to) => archiveControl.rewrite(from, to),
    },
    hostNow,
  );
  const links = new PresignedLinks(`${world.seedText}\0${world.originMs}`, hostNow);
  const audits = { ...AUDIT_DEFAULTS, ...options.audits } as AuditSettings;
  const rows = new AuditRows(stream, renditions, audits);
  const queries = new HistoryQueries(world, rows, audits);
  const platform = new PlatformApi(
    { world, tokens, rateLimit, links, clientId: options.clientId },
    [
      ...auditRoutes({ world, ledger, sealed, links, rows, renditions, queries, settings: audits }),
      ...detailsRoutes({
        world,
        rendition,
        searches: new Searches(archive, rendition, () => world.clock.now()),
        sealed,
      }),
      ...communicationRoutes(rendition, links),
    ],
    hostNow,
  );
  const control = new ControlApi(
    {
      world,
      stream,
      ledger,
      faults,
      requests,
      endpoint,
      archive: archiveControl,
      eventBridge,
      traffic,
      rateLimit,
      links,
      audits,
      rows,
    },
    hostNow,
  );

  const answer = (
    route: 'token' | 'eventstreams',
    request: ReceivedRequest,
    strike: Strike,
  ): EventStreamAnswer =>
    route === 'token'
      ? { reply: tokenEndpoint.answer(request, strike), poll: null }
      : endpoint.answer(request, strike);

  /** Headers of every reply. */
  const usual = (strike: Strike | null): Record<string, string> => {
    const correlation = { 'ININ-Correlation-Id': randomUUID() };
    const offset = strike?.take('date-offset');
    if (offset?.seconds === null) return correlation;
    const date = new Date(world.clock.now() + (offset?.seconds ?? 0) * 1000);
    return { ...correlation, Date: date.toUTCString() };
  };
  const withUsual = (reply: Reply, strike: Strike | null): Reply => ({
    ...reply,
    headers: { ...usual(strike), ...reply.headers },
  });

  /** Answers a request to one of the services. */
  const serveRoute = async (
    route: GuideRoute,
    request: ReceivedRequest,
    response: ServerResponse,
    strike: Strike,
  ): Promise<PlatformOutcome> => {
    if (route === 'event-bridge') {
      const now = world.clock.now();
      const { reply, event } = answerEvent(eventBridge, request, strike, options.eventBridgeStatus, now);
      const outcome = await send(response, withUsual(reply, strike), strike);
      eventBridge.answered(event, outcome, strike.struck);
      return { outcome, poll: null };
    }
    const spoilt = answerAtGateway(strike, world.clock.now());
    if (spoilt !== null)
      return { outcome: await send(response, withUsual(spoilt, strike), strike), poll: null };
    if (route === 'archives') {
      const outcome = await archiveEndpoint.serve(request, strike, response, usual(strike));
      return { outcome, poll: null };
    }
    const { reply, poll } = answer(route, request, strike);
    return { outcome: await send(response, withUsual(reply, strike), strike), poll };
  };

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const at = hostNow();
    const request = await receive(message);
    response.sendDate = false;
    if (request.path.startsWith(CONTROL_PATH)) {
      const reply = await control.answer(request, response);
      if (reply !== null) await send(response, reply, null);
      return;
    }
    const { method } = request;
    const asked = withoutPrefix(request, options);
    const found = asked === null ? null : platform.find(asked);
    const route = found?.route.route ?? (asked === null ? undefined : ROUTES.get(asked.path)) ?? null;
    if (asked === null || route === null) {
      const reply = withUsual(errorReply(404, 'not.found', 'The requested resource was not found.'), null);
      const outcome = await send(response, reply, null);
      requests.ended({ at, route: null, method, path: request.path, outcome, faults: [], poll: null });
      return;
    }
    const { path } = asked;
    const strike = faults.begin(route);
    requests.arrived(route, at);
    if (tokens.isIssued(bearerToken(request))) traffic.arrived(options.clientId, at);
    const { outcome, poll } =
      found === null
        ? await serveRoute(route as GuideRoute, asked, response, strike)
        : await platform.serve(found, asked, strike, response, usual(strike));
    requests.ended({ at, route, method, path, outcome, faults: strike.struck, poll });
  };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (message, response) => {
    serve(message, response).catch((error: unknown) => {
      // A client that goes away while it sends is no event here; anything else is a fault of the simulator itself.
      if (!message.complete) return;
      process.stderr.write(`${JSON.stringify({ event: 'simulator.failed', error: String(error) })}\n`);
      response.destroy();
    });
  });
  await listen(server, options.host, options.port);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }).then(() => {
      ledger.close();
      downloads.close();
      eventBridge.close();
    });
    return closing;
  };
  return {
    url: `http://${host}:${port}`,
    port,
    clock: world.clock,
    stream,
    ledger,
    faults,
    requests,
    control,
    archive,
    downloads,
    eventBridge,
    eventBridgeUrl: `http://${host}:${port}/event-bridge`,
    continued: world.continued,
    seed: world.seedText,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The request as it would be without a gateway; null where it does not come by way of the gateway that there is. */
function withoutPrefix(
  request: ReceivedRequest,
  { loginPrefix, apiPrefix }: { loginPrefix: string; apiPrefix: string },
): ReceivedRequest | null {
  for (const [prefix, path] of [
    [loginPrefix, '/oauth/'],
    [apiPrefix, '/api/'],
  ] as const) {
    if (request.path.startsWith(`${prefix}${path}`)) {
      return { ...request, path: request.path.slice(prefix.length) };
    }
    if (request.path.startsWith(path)) return null;
  }
  return request;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
