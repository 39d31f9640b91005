/**
 * `/dead-letters`: what a person does with dead letters. Looking is for everybody who is logged in; to queue again, discard and
 * reveal takes an operator, and each is told in the access log, a revelation before anything is shown.
 */
import { errorCodeOf, type Pipeline, TrunklineError } from '@trunkline/contracts';
import type { DeadLetterTally } from '@trunkline/overview';
import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from 'express';
import type { OperatorActions } from '../access/operator-actions.ts';
import { visitorOf } from '../access/visitor.ts';
import { noticePage } from '../html/layout.ts';
import { archiveLetterPage } from './archive-pages.ts';
import { auditLetterPage } from './audit-pages.ts';
import { carryOut, readDecision, targetOf } from './decide.ts';
import type { Done } from './list-page.ts';
import { listRoutes } from './lists.ts';
import type { DeadLetterPlaces } from './places.ts';
import { doneQuery } from './query.ts';

/** So many ids stand in the log of one decision. */
const idsLogged = 20;

export function deadLetterRoutes(
  places: DeadLetterPlaces,
  parts: { readonly actions: OperatorActions; readonly tally: DeadLetterTally },
): Router {
  const { actions, tally } = parts;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '256kb', parameterLimit: 2_000 });

  router.get('/', (_request, response) => response.redirect(303, '/dead-letters/audit'));
  router.use(listRoutes(places, tally));

  router.get('/:pipeline/:id', async (request, response, next) => {
    const { pipeline, id } = request.params;
    if (!isPipeline(pipeline)) return next();
    const page = await letterPageOf(places, pipeline, id, response);
    if (page === null) missing(response);
    else response.send(page(null));
  });

  router.post('/:pipeline/:action', operatorsOnly(actions), form, async (request, response, next) => {
    const { pipeline, action } = request.params;
    if (!isPipeline(pipeline) || (action !== 'requeue' && action !== 'discard')) return next();
    const decision = readDecision(pipeline, action, request.body);
    if (typeof decision === 'string') {
      response.status(400).send(noticePage('Nothing was done', decision));
      return;
    }
    const tell = actions.of(request, response);
    let progress: Done = { action, done: 0, skipped: 0, more: false };
    const { chosen, filter, reason } = decision;
    const act = { action, target: targetOf(decision), ...(reason === '' ? {} : { reason }) };
    const meant = chosen === null ? filter : { ids: chosen.slice(0, idsLogged) };
    try {
      await carryOut(decision, places, visitorOf(response).name ?? 'nobody', (done) => {
        progress = done;
      });
    } catch (error) {
      const more = { pipeline, ...meant, errorCode: errorCodeOf(error) };
      await tell({ ...act, outcome: 'failed', count: progress.done, more });
      throw error;
    } finally {
      tally.expire();
    }
    await tell({ ...act, outcome: 'done', count: progress.done, more: { pipeline, ...meant } });
    response.redirect(303, `/dead-letters/${pipeline}?${doneQuery(progress, filter.code)}`);
  });

  router.post('/:pipeline/:id/reveal', operatorsOnly(actions), async (request, response, next) => {
    const { pipeline, id } = request.params;
    if (!isPipeline(pipeline) || typeof id !== 'string') return next();
    const page = await letterPageOf(places, pipeline, id, response);
    if (page === null) return missing(response);
    const tell = actions.of(request, response);
    const act = { action: 'reveal', target: `${pipeline} dead letter ${id}`, more: { pipeline } };
    await tell({ ...act, outcome: 'done' });
    try {
      response.send(page(await textOf(places, pipeline, id)));
    } catch (error) {
      await tell({ ...act, outcome: 'failed' });
      throw error;
    }
  });

  router.use(inOurWords);
  return router;
}

/** The page of a dead letter, with its text where that is revealed; `null`: there is none of that id. */
async function letterPageOf(
  places: DeadLetterPlaces,
  pipeline: Pipeline,
  id: string,
  response: Response,
): Promise<((revealed: string | null) => string) | null> {
  const visitor = visitorOf(response);
  if (pipeline === 'audit') {
    const shown = await places.requireAudit().desk.show(id);
    return shown && ((revealed) => auditLetterPage(shown, visitor, Date.now(), revealed));
  }
  const letter = await places.archive.get(id);
  const hasStage = places.stage !== null;
  return letter && ((revealed) => archiveLetterPage(letter, visitor, Date.now(), hasStage, revealed));
}

/** Its source text, personal data and all. */
async function textOf(places: DeadLetterPlaces, pipeline: Pipeline, id: string): Promise<string> {
  if (pipeline === 'audit') return (await places.requireAudit().desk.reveal(id))?.text ?? '';
  return (await places.archive.reveal(id, places.requireStage())) ?? '';
}

function isPipeline(text: unknown): text is Pipeline {
  return text === 'audit' || text === 'archive';
}

function operatorsOnly(actions: OperatorActions): RequestHandler {
  return async (request, response, next) => {
    if (visitorOf(response).role === 'operator') return next();
    const reason = 'Viewers may look only: an operator has to do this.';
    const { pipeline } = request.params;
    const target = isPipeline(pipeline) ? `${pipeline} dead letters` : null;
    await actions.of(request, response)({ action: 'dead-letters', target, outcome: 'refused', reason });
    response.status(403).send(noticePage('For operators', reason));
  };
}

function missing(response: Response): void {
  response.status(404).send(noticePage('Not there', 'There is no such dead letter, or it was dealt with.'));
}

/** What Elasticsearch, the stage or a missing setting keeps from being done is told as it is: our errors hold no payload. */
const inOurWords: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (!(error instanceof TrunklineError)) return next(error);
  response.status(503).send(noticePage('That did not work', error.message));
};
