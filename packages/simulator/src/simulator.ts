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
import type { FaultRoute } from './faults/fault.ts';
import { FaultPlan, type Strike } from './faults/fault-plan.ts';
import { answerAtGateway } from './faults/gateway.ts';
import { AccessTokens } from './guide/access-tokens.ts';
import { CursorBook } from './guide/cursor.ts';
import { errorReply } from './guide/error-reply.ts';
import { type EventStreamAnswer, EventStreamEndpoint } from './guide/event-stream-endpoint.ts';
import { TokenEndpoint } from './guide/token-endpoint.ts';
import { type ReceivedRequest, receive } from './http/received-request.ts';
import type { Reply } from './http/reply.ts';
import { type Outcome, send } from './http/send.ts';
import { Ledger } from './ledger/ledger.ts';
import { optionsSchema, type SimulatorOptionsInput } from './options.ts';
import { RequestLog } from './request-log.ts';
import { SealedText } from './sealed-text.ts';
import { World } from './world.ts';

const ROUTES = new Map<string, FaultRoute>([
  ['/oauth/token', 'token'],
  ['/api/v2/eventstreams', 'eventstreams'],
  ['/api/v2/analytics/conversations/details/query', 'archives'],
  ['/event-bridge', 'event-bridge'],
]);

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
 * Starts a Genesys Cloud simulator that serves the guide contract, and a receiver of completion events.
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
  const ledger = new Ledger(stream, options.dataDir);
  const faults = new FaultPlan(world.seed);
  const requests = new RequestLog();
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
  const archiveControl = new ArchiveControl({ world, archive, downloads });
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
  const control = new ControlApi(
    { world, stream, ledger, faults, requests, endpoint, archive: archiveControl, eventBridge },
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

  const dateOf = (strike: Strike): Record<string, string> => {
    const offset = strike.take('date-offset');
    if (offset?.seconds === null) return {};
    return { Date: new Date(world.clock.now() + (offset?.seconds ?? 0) * 1000).toUTCString() };
  };

  /** Answers a request to one of the services. */
  const serveRoute = async (
    route: FaultRoute,
    request: ReceivedRequest,
    response: ServerResponse,
    strike: Strike,
  ): Promise<{ outcome: Outcome; poll: EventStreamAnswer['poll'] }> => {
    const withDate = (reply: Reply): Reply => ({
      ...reply,
      headers: { ...reply.headers, ...dateOf(strike) },
    });
    if (route === 'event-bridge') {
      const now = world.clock.now();
      const { reply, event } = answerEvent(eventBridge, request, strike, options.eventBridgeStatus, now);
      const outcome = await send(response, withDate(reply), strike);
      eventBridge.answered(event, outcome, strike.struck);
      return { outcome, poll: null };
    }
    const spoilt = answerAtGateway(strike, world.clock.now());
    if (spoilt !== null) return { outcome: await send(response, withDate(spoilt), strike), poll: null };
    if (route === 'archives') {
      const outcome = await archiveEndpoint.serve(request, strike, response, dateOf(strike));
      return { outcome, poll: null };
    }
    const { reply, poll } = answer(route, request, strike);
    return { outcome: await send(response, withDate(reply), strike), poll };
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
    const route = ROUTES.get(request.path) ?? null;
    const { method, path } = request;
    if (route === null) {
      const reply = errorReply(404, 'not.found', 'The requested resource was not found.');
      const date = { Date: new Date(world.clock.now()).toUTCString() };
      const outcome = await send(response, { ...reply, headers: { ...reply.headers, ...date } }, null);
      requests.ended({ at, route, method, path, outcome, faults: [], poll: null });
      return;
    }
    const strike = faults.begin(route);
    requests.arrived(route, at);
    const { outcome, poll } = await serveRoute(route, request, response, strike);
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

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
