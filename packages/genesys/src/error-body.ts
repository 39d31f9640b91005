import { z } from 'zod';
import type { Headers } from './transport.ts';

/** What of the body of a refusal counts. Its text never reaches a message: it may quote what was sent. */
export interface ErrorBody {
  /** Genesys' own error code, such as `missing.permissions`; of the OAuth server, its `error`. */
  code: string | null;
  /** Genesys' sentence, to be looked into and not to be shown. */
  text: string;
  contextId: string | null;
}

const told = z.string().catch('');
const body = z.object({ code: told, error: told, message: told, messageWithParams: told, contextId: told });

/** Reads what Genesys says of a refusal; a gateway's page in place of it is one without a code. */
export function errorBody(text: string): ErrorBody {
  const read = body.safeParse(parsed(text));
  if (!read.success) return { code: null, text, contextId: null };
  const { code, error, message, messageWithParams, contextId } = read.data;
  return {
    code: [code, error].find((name) => /^[a-z][a-z0-9_.-]{0,60}$/i.test(name)) ?? null,
    text: `${message}\n${messageWithParams}`,
    contextId: contextId === '' ? null : contextId,
  };
}

/**
 * By which Genesys finds a request: the header `ININ-Correlation-Id`, else the `contextId` of the error's body.
 * `null` where neither looks like an id.
 */
export function correlationIdOf(headers: Headers, contextId: string | null): string | null {
  const candidates = [headers.get('inin-correlation-id')?.trim(), contextId];
  return candidates.find((id) => typeof id === 'string' && /^[\w.-]{1,80}$/.test(id)) ?? null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
