import type { Logger } from '@trunkline/service';
import { type Request, type Response, Router } from 'express';
import type { Counter } from 'prom-client';
import { addressOf } from '../access/login.ts';
import { isSafeMethod } from '../access/same-origin.ts';
import { visitorOf } from '../access/visitor.ts';
import { type OpenRoute, openRoutes, whyRefused } from './open-routes.ts';

export interface GuardParts {
  readonly log: Logger;
  /** Labels `action` and `outcome` (done, failed, refused). */
  readonly actions: Counter<'action' | 'outcome'>;
}

/**
 * Stands before Bull Board: reading passes; of what changes something only the open routes pass, for operators, and each is
 * logged with its result. `readOnlyMode` of the viewer's board is the second line.
 */
export function boardGuard(parts: GuardParts): Router {
  const router = Router();
  for (const open of openRoutes) {
    router[open.method](open.route, (request, response, next) => {
      const reason =
        visitorOf(response).role === 'operator'
          ? whyRefused(open.action, text(request.params['queueName']))
          : 'Viewers may look only: an operator has to do this.';
      if (reason !== null) return refuse(parts, request, response, open, reason);
      response.on('finish', () => record(parts, request, response, open));
      next('router');
    });
  }
  router.use((request, response, next) => {
    if (isSafeMethod(request.method)) next();
    else
      refuse(
        parts,
        request,
        response,
        null,
        'This dashboard keeps that route closed: it could lose or alter records.',
      );
  });
  return router;
}

function record(parts: GuardParts, request: Request, response: Response, open: OpenRoute): void {
  const outcome = response.statusCode < 400 ? 'done' : 'failed';
  parts.actions.inc({ action: open.action, outcome });
  const { name } = visitorOf(response);
  parts.log.info(
    {
      event: 'access.operator-action',
      ...who(request, response),
      ...what(request, open),
      outcome,
      status: response.statusCode,
    },
    `${name} asked for ${open.action}: ${outcome}`,
  );
}

function refuse(
  parts: GuardParts,
  request: Request,
  response: Response,
  open: OpenRoute | null,
  reason: string,
): void {
  parts.actions.inc({ action: open?.action ?? 'closed', outcome: 'refused' });
  parts.log.warn(
    { event: 'access.refused', ...who(request, response), ...what(request, open), outcome: 'refused' },
    reason,
  );
  // The shape of Bull Board's own refusals, which its page shows to the person.
  response.status(403).json({ error: { key: 'ERRORS.FORBIDDEN' }, message: reason });
}

function who(request: Request, response: Response): Record<string, string | null> {
  const { name, role } = visitorOf(response);
  return { user: name, role, address: addressOf(request) };
}

/** The route by its template: a closed path is the caller's text, and is not logged. */
function what(request: Request, open: OpenRoute | null): Record<string, string | null> {
  if (open === null) return { action: null, method: request.method, route: null };
  const { queueName, jobId, queueStatus } = request.params;
  return {
    action: open.action,
    method: request.method,
    route: open.route,
    queue: text(queueName),
    jobId: text(jobId),
    jobStatus: text(queueStatus),
  };
}

function text(parameter: string | string[] | undefined): string | null {
  return typeof parameter === 'string' ? parameter.slice(0, 300) : null;
}
