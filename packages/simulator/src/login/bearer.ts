import type { Strike } from '../faults/fault-plan.ts';
import { unauthorizedReply } from '../http/error-reply.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Reply } from '../http/reply.ts';
import type { World } from '../world.ts';
import type { AccessTokens } from './access-tokens.ts';

/** The bearer token of a request, or null. */
export function bearerToken({ headers }: ReceivedRequest): string | null {
  return /^Bearer ([^\s]+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** 401 where the request has no valid bearer token, or a fault revokes them all; null where it may pass. */
export function bearerRefusal(
  received: ReceivedRequest,
  strike: Strike,
  tokens: AccessTokens,
  world: World,
): Reply | null {
  const token = bearerToken(received);
  if (token === null || tokens.judge(token, world.tokenGeneration) !== 'valid') return unauthorizedReply();
  if (strike.take('unauthorized') === null) return null;
  revokeAllTokens(world);
  return unauthorizedReply();
}

export function revokeAllTokens(world: World): void {
  world.tokenGeneration += 1;
  world.save();
}

/** True for permissions and scopes of the archives; all others are of the audit event stream. */
export function isArchivePermission(name: string): boolean {
  return name.startsWith('analytics');
}
