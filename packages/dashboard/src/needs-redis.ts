import { duration } from '@trunkline/overview';
import type { RequestHandler, Response } from 'express';
import { noticePage } from './html/layout.ts';
import type { RedisPulse } from './redis-pulse.ts';

/** How often a request that waits is looked after (ms). */
const lookMs = 250;
/** When the page asks for itself again (s). */
const againSeconds = 5;

/**
 * Answers instead of what needs Redis while Redis does not: sessions, the throttle of logins, queues. A command would wait for it, and the
 * browser with it; so would a request that was taken a moment before Redis fell silent.
 */
export function needsRedis(pulse: RedisPulse, now: () => number = Date.now): RequestHandler {
  return (request, response, next) => {
    const isLook = request.method === 'GET';
    const answerInstead = (): boolean => {
      const since = pulse.silentSince;
      if (since === null) return false;
      redisIsSilent(response, { since, now: now(), isLook });
      return true;
    };
    if (answerInstead()) return;
    const watch = setInterval(() => {
      if (response.headersSent || answerInstead()) clearInterval(watch);
    }, lookMs);
    response.on('close', () => clearInterval(watch));
    next();
  };
}

/** Lets no request go on that was answered while it waited: what was asked for is not done long after somebody was told that it cannot be. */
export function unlessAnswered(): RequestHandler {
  return (_request, response, next) => {
    if (!response.writableEnded) next();
  };
}

function redisIsSilent(
  response: Response,
  { since, now, isLook }: { since: number; now: number; isLook: boolean },
): void {
  const at = `${new Date(since).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const text = [
    `Redis has not answered since ${at} (${duration(now - since)}).`,
    'Sessions and queues are in it, so that nothing can be shown or done here. Work waits in it and goes on by itself when it is back.',
    'Look whether its server runs, is frozen or overloaded (redis-cli PING), and whether REDIS_URL leads there.',
    isLook
      ? `This page tries again every ${againSeconds} seconds.`
      : 'What you asked for may be done when it answers: look before you ask again.',
  ].join(' ');
  response.status(503).setHeader('retry-after', String(againSeconds));
  if (isLook) response.setHeader('refresh', String(againSeconds));
  response.send(noticePage('Redis does not answer', text));
}
