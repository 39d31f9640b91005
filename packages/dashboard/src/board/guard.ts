import { type Request, type Response, Router } from 'express';
import type { OperatorAct, OperatorActions } from '../access/operator-actions.ts';
import { isSafeMethod } from '../access/same-origin.ts';
import { viewersLookOnly } from '../access/viewers.ts';
import { visitorOf } from '../access/visitor.ts';
import { type OpenRoute, openRoutes, whyRefused } from './open-routes.ts';

/**
 * Stands before Bull Board: reading passes; of what changes something only the open routes pass, for operators, and each is
 * logged with its result. `readOnlyMode` of the viewer's board is the second line.
 */
export function boardGuard(actions: OperatorActions): Router {
  const router = Router();
  for (const open of openRoutes) {
    router[open.method](open.route, (request, response, next) => {
      const reason =
        visitorOf(response).role === 'operator'
          ? whyRefused(open.action, text(request.params['queueName']))
          : viewersLookOnly;
      if (reason !== null) return refuse(actions, request, response, open, reason);
      const tell = actions.of(request, response);
      const asked = { ...act(request, open), more: what(request, open) };
      response.on('finish', () => void tell(ended(asked, response.statusCode)));
      next('router');
    });
  }
  router.use((request, response, next) => {
    if (isSafeMethod(request.method)) next();
    else
      refuse(
        actions,
        request,
        response,
        null,
        'This dashboard keeps that route closed: it could lose or alter records.',
      );
  });
  return router;
}

function ended(asked: Omit<OperatorAct, 'outcome'>, status: number): OperatorAct {
  return { ...asked, outcome: status < 400 ? 'done' : 'failed', more: { ...asked.more, status } };
}

function refuse(
  actions: OperatorActions,
  request: Request,
  response: Response,
  open: OpenRoute | null,
  reason: string,
): void {
  const more = what(request, open);
  void actions.of(request, response)({ ...act(request, open), outcome: 'refused', reason, more });
  // The shape of Bull Board's own refusals, which its page shows to the person.
  response.status(403).json({ error: { key: 'ERRORS.FORBIDDEN' }, message: reason });
}

/** Of the jobs that are meant, for people: `audit-index 4711`, `audit-index, all failed`. */
function act(request: Request, open: OpenRoute | null): { action: string | null; target: string | null } {
  if (open === null) return { action: null, target: null };
  const { queueName, jobId, queueStatus } = request.params;
  const [queue, job, status] = [text(queueName), text(jobId), text(queueStatus)];
  const jobs = job !== null ? ` ${job}` : status !== null ? `, all ${status}` : '';
  return { action: open.action, target: queue === null ? 'all queues' : `${queue}${jobs}` };
}

/** The route by its template: a closed path is the caller's text, and is not logged. */
function what(request: Request, open: OpenRoute | null): Record<string, string | null> {
  if (open === null) return { method: request.method, route: null };
  const { queueName, jobId, queueStatus } = request.params;
  return {
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
