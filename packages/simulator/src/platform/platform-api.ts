import type { ServerResponse } from 'node:http';
import type { Strike } from '../faults/fault-plan.ts';
import { answerAtGateway } from '../faults/gateway.ts';
import { errorReply, forbiddenReply, methodNotAllowed } from '../http/error-reply.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import { type Outcome, send } from '../http/send.ts';
import { sendStream } from '../http/send-stream.ts';
import type { AccessTokens } from '../login/access-tokens.ts';
import { bearerRefusal, bearerToken } from '../login/bearer.ts';
import type { LoggedRequest } from '../request-log.ts';
import type { World } from '../world.ts';
import type { PlatformReply, PlatformRoute } from './platform-route.ts';
import { type PresignedLinks, STORE_PATH } from './presigned-links.ts';
import type { RateLimit } from './rate-limit.ts';

interface Parts {
  world: World;
  tokens: AccessTokens;
  rateLimit: RateLimit;
  links: PresignedLinks;
  /** Whom tokens are issued to. */
  clientId: string;
}

/** A route that a request is for, with the parts of its path. */
export interface FoundRoute {
  route: PlatformRoute;
  params: Record<string, string>;
}

/** How a reply of the platform's API ended. */
export interface PlatformOutcome {
  outcome: Outcome;
  poll: LoggedRequest['poll'];
}

/**
 * The frame of the real Platform API: finds the route, lets in who may, and answers.
 *
 * In this order: rate limit, gateway, credentials, permission, size, then the route itself. A request counts against its client's
 * rate whatever it is answered.
 */
export class PlatformApi {
  readonly #parts: Parts;
  readonly #routes: readonly { route: PlatformRoute; pattern: RegExp }[];
  readonly #hostNow: () => number;

  constructor(parts: Parts, routes: readonly PlatformRoute[], hostNow: () => number) {
    this.#parts = parts;
    this.#routes = routes.map((route) => ({ route, pattern: patternOf(route.path) }));
    this.#hostNow = hostNow;
  }

  /**
   * The route of a request. One with another method than the path has is found too, and refused later.
   * @returns null where there is no such path, or where the request is the guide's
   */
  find(request: ReceivedRequest): FoundRoute | null {
    const ofPath = this.#routes.flatMap(({ route, pattern }) => {
      const match = pattern.exec(request.path);
      if (match === null || route.speaks?.(request) === false) return [];
      return [{ route, params: { ...match.groups } }];
    });
    return ofPath.find(({ route }) => route.method === request.method) ?? ofPath[0] ?? null;
  }

  /** Answers. @param headers of every reply */
  async serve(
    found: FoundRoute,
    request: ReceivedRequest,
    strike: Strike,
    response: ServerResponse,
    headers: Record<string, string>,
  ): Promise<PlatformOutcome> {
    const { world, rateLimit, tokens, clientId } = this.#parts;
    const at = this.#hostNow();
    const isOurs = found.route.access.kind === 'bearer' && tokens.isIssued(bearerToken(request));
    const limit = isOurs ? rateLimit.take(clientId, at, world.clock.now()) : null;
    const reply =
      answerAtGateway(strike, world.clock.now()) ??
      limit?.refusal ??
      this.#refusal(found.route, request, strike) ??
      (await found.route.answer({
        params: found.params,
        query: undefined,
        body: undefined,
        request,
        strike,
        at,
      }));
    const told: PlatformReply = { ...reply, headers: { ...headers, ...limit?.headers, ...reply.headers } };
    const poll = told.poll ?? null;
    if (!('chunks' in told)) return { outcome: await send(response, told, strike), poll };
    return { outcome: (await sendStream(response, told, strike)).outcome, poll };
  }

  #refusal(
    { method, access }: PlatformRoute,
    request: ReceivedRequest,
    strike: Strike,
  ): PlatformReply | null {
    const { tokens, world, links } = this.#parts;
    if (access.kind === 'presigned') {
      return request.method === method ? links.refusal(request) : methodNotAllowed(method);
    }
    const unauthorized = bearerRefusal(request, strike, tokens, world);
    if (unauthorized !== null) return unauthorized;
    if (request.method !== method) return methodNotAllowed(method);
    const { permissions, need = 'all' } = access;
    const forbidden = strike.take('forbidden');
    if (forbidden)
      return forbiddenReply(forbidden.permission ? [forbidden.permission] : permissions, need === 'any');
    const missing = permissions.filter((name) => world.missingPermissions.includes(name));
    if (need === 'all' ? missing.length > 0 : missing.length === permissions.length) {
      return forbiddenReply(missing, need === 'any');
    }
    if (request.body === null) {
      return errorReply(413, 'request.entity.too.large', 'The request body is larger than 512000 bytes.');
    }
    return null;
  }
}

/** Templates name parts of a path; those of the store may be longer than an id. */
function patternOf(template: string): RegExp {
  const part = template.startsWith(STORE_PATH) ? '[\\w.-]+' : '[^/]+';
  return new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${part})`)}$`);
}
