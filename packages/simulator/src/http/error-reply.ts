import { randomUUID } from 'node:crypto';
import type { Reply } from './reply.ts';

/** What an error may tell besides its code and text. */
export interface ErrorMore {
  headers?: Record<string, string>;
  /** Values of the text's parameters, by name: `{permissions}` in the text with parameters. */
  params?: Record<string, string>;
  /** The text with its parameters in braces; by default the text itself. */
  messageWithParams?: string;
  details?: readonly { errorCode: string; fieldName: string }[];
  limit?: { key: string; namespace: string; value: number };
}

/** An error as Genesys Cloud's API words it (`ErrorBody`). Its `contextId` is the correlation id of the reply. */
export function errorReply(status: number, code: string, message: string, more: ErrorMore = {}): Reply {
  const contextId = randomUUID();
  const { headers, params, messageWithParams, details, limit } = more;
  return {
    status,
    headers: { 'Content-Type': 'application/json', 'ININ-Correlation-Id': contextId, ...headers },
    body: Buffer.from(
      JSON.stringify({
        message,
        code,
        status,
        contextId,
        ...(params === undefined ? {} : { messageWithParams, messageParams: params }),
        details: details ?? [],
        errors: [],
        ...(limit === undefined ? {} : { limit }),
      }),
    ),
  };
}

export function methodNotAllowed(allowed: string): Reply {
  return errorReply(405, 'method.not.allowed', 'HTTP method not allowed.', { headers: { Allow: allowed } });
}

/** 401: no usable bearer token. */
export function unauthorizedReply(): Reply {
  return errorReply(401, 'bad.credentials', 'Invalid login credentials.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

/**
 * 403 that names what the client's role lacks.
 * @param any one of them would do
 */
export function forbiddenReply(permissions: readonly string[], any = false): Reply {
  const begin = any
    ? 'Unable to perform the requested action. You must have at least one of the following permissions assigned: '
    : 'Unable to perform the requested action. You are missing the following permission(s): ';
  const names = permissions.join(', ');
  return errorReply(403, any ? 'missing.any.permissions' : 'missing.permissions', `${begin}${names}`, {
    messageWithParams: `${begin}{permissions}`,
    params: { permissions: names },
  });
}

/** 403 that names the scopes that the client was not granted. */
export function missingScopeReply(scopes: readonly string[]): Reply {
  return errorReply(
    403,
    'app.not.authorized.for.scope',
    `The client is not authorized for the scope(s): ${scopes.join(', ')}`,
  );
}
