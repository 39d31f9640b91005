import { errorReply } from '../guide/error-reply.ts';
import type { Reply } from '../http/reply.ts';
import type { Strike } from './fault-plan.ts';

/** What stands before the service and answers in its place: a reply, or null where no such fault strikes. */
export function answerAtGateway(strike: Strike, nowMs: number): Reply | null {
  const fault = strike.take('rate-limit', 'status', 'html-200', 'raw');
  switch (fault?.kind) {
    case undefined:
      return null;
    case 'rate-limit': {
      const { retryAfterSeconds: seconds, form } = fault;
      const after = form === 'date' ? new Date(nowMs + (seconds ?? 0) * 1000).toUTCString() : String(seconds);
      return errorReply(
        429,
        'too.many.requests',
        'Rate limit exceeded the maximum. Retry the request later.',
        seconds === null ? {} : { 'Retry-After': after },
      );
    }
    case 'status':
      if (fault.body === 'json') {
        return errorReply(fault.status, 'internal.server.error', 'The request could not be completed.');
      }
      return fault.body === 'html'
        ? htmlReply(fault.status)
        : { status: fault.status, headers: {}, body: Buffer.alloc(0) };
    case 'html-200':
      return htmlReply(200);
    case 'raw':
      return {
        status: fault.status,
        headers: { 'Content-Type': fault.contentType },
        body: Buffer.from(fault.body),
      };
    default:
      return fault satisfies never;
  }
}

function htmlReply(status: number): Reply {
  const page =
    '<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Please try again later.</body></html>';
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: Buffer.from(page) };
}
