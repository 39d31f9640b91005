import { errorReply } from '../http/error-reply.ts';
import type { Reply } from '../http/reply.ts';
import { tooManyReply } from '../http/too-many-reply.ts';
import type { Strike } from './fault-plan.ts';

/** What stands before the service and answers in its place: a reply, or null where no such fault strikes. */
export function answerAtGateway(strike: Strike, nowMs: number): Reply | null {
  const fault = strike.take('rate-limit', 'status', 'html-200', 'raw', 'redirect');
  switch (fault?.kind) {
    case undefined:
      return null;
    case 'rate-limit':
      return tooManyReply(fault.retryAfterSeconds, fault.form, nowMs);
    case 'redirect':
      return { status: fault.status, headers: { Location: fault.location }, body: Buffer.alloc(0) };
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
