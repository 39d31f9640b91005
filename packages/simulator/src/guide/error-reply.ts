import { randomUUID } from 'node:crypto';
import type { Reply } from '../http/reply.ts';

/** An error as Genesys Cloud's API words it (`ErrorBody`: message, code, status, contextId, details, errors). */
export function errorReply(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Reply {
  const contextId = randomUUID();
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'ININ-Correlation-Id': contextId, ...headers },
    body: Buffer.from(JSON.stringify({ message, code, status, contextId, details: [], errors: [] })),
  };
}

/** 401: no usable bearer token. */
export function unauthorizedReply(): Reply {
  return errorReply(401, 'bad.credentials', 'Invalid login credentials.', {
    'WWW-Authenticate': 'Bearer error="invalid_token"',
  });
}

/** 403 that names what the client's role lacks. */
export function forbiddenReply(permissions: readonly string[]): Reply {
  return errorReply(
    403,
    'missing.permissions',
    `Unable to perform the requested action. You are missing the following permission(s): ${permissions.join(', ')}`,
  );
}

/** 403 that names the scopes that the client was not granted. */
export function missingScopeReply(scopes: readonly string[]): Reply {
  return errorReply(
    403,
    'app.not.authorized.for.scope',
    `The client is not authorized for the scope(s): ${scopes.join(', ')}`,
  );
}
