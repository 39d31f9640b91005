import type { Strike } from '../faults/fault-plan.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Reply } from '../http/reply.ts';
import type { World } from '../world.ts';
import type { AccessTokens } from './access-tokens.ts';
import { unauthorizedReply } from './error-reply.ts';

/** 401 where the request has no valid bearer token, or a fault revokes them all; null where it may pass. */
export function bearerRefusal(
  received: ReceivedRequest,
  strike: Strike,
  tokens: AccessTokens,
  world: World,
): Reply | null {
  const token = /^Bearer ([^\s]+)$/i.exec(received.headers.authorization ?? '')?.[1];
  if (token === undefined || tokens.judge(token, world.tokenGeneration) !== 'valid')
    return unauthorizedReply();
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
