/**
 * `/dead-letters`: what a person does with dead letters. Looking is for everybody who is logged in; to queue again, discard and
 * reveal takes an operator, and each is told in the access log, a revelation before anything is shown.
 */
import { errorCodeOf, type Pipeline, TrunklineError } from '@trunkline/contracts';
import type { DeadLetterTally } from '@trunkline/overview';
import express, { type ErrorRequestHandler, type RequestHandler, type Response, Router } from 'express';
import type { OperatorActions } from '../access/operator-actions.ts';
import { refuseViewer } from '../access/viewers.ts';
import { visitorOf } from '../access/visitor.ts';
import { noticePage } from '../html/layout.ts';
import { archiveLetterPage } from './archive-pages.ts';
import { auditLetterPage } from './audit-pages.ts';
import { carryOut, type Decision, readDecision, targetOf } from './decide.ts';
import type { Done } from './list-page.ts';
import { listRoutes } from './lists.ts';
import type { DeadLetterPlaces } from './places.ts';
import { doneQuery, isPipeline } from './query.ts';
import type { DecisionRuns } from './runs.ts';

/** What was chosen on a page takes no longer; what is left is told of (ms). */
const longestMs = 15_000;

/** How long a person waits for the end of a decision about all of a filter, before they are shown its progress (ms). */
const waitMs = 1_500;

/** So many ids stand in the log of one decision. */
const idsLogged = 20;

export function deadLetterRoutes(
  places: DeadLetterPlaces,
  parts: { readonly actions: OperatorActions; readonly tally: DeadLetterTally; readonly runs: DecisionRuns },
): Router {
  const { actions, tally, runs } = parts;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '256kb', parameterLimit: 2_000 });

  router.get('/', (_request, response) => response.redirect(303, '/dead-letters/audit'));
  router.use(listRoutes(places, tally, runs));

  router.get('/:pipeline/:id', async (request, response, next) => {
    const { pipeline, id } = request.params;
    if (!isPipeline(pipeline)) return next();
    const page = await letterPageOf(places, pipeline, id, response);
    if (page === null) missing(response);
    else response.send(page(null));
  });

  router.post('/:pipeline/stop', operatorsOnly(actions), async (request, response, next) => {
    const { pipeline } = request.params;
    if (!isPipeline(pipeline)) return next();
    const run = await runs.read(pipeline);
    if (run?.state === 'running') {
      await runs.stop(pipeline);
      await actions.of(request, response)({ action: 'stop', target: run.target, outcome: 'done' });
      await runs.settled(pipeline, waitMs);
    }
    response.redirect(303, `/dead-letters/${pipeline}`);
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
    const by = visitorOf(response).name ?? 'nobody';
    const { chosen, filter, reason } = decision;
    const target = targetOf(decision);
    const act = { action, target, ...(reason === '' ? {} : { reason }) };
    if (chosen === null) {
      const isBegun = await runs.start({
        decision,
        target,
        by,
        total: await aboutHowMany(tally, decision),
        begun: () => tell({ ...act, outcome: 'begun', more: { pipeline, ...filter } }),
        ended: async ({ end, done, errorCode }) => {
          const outcome = end === 'done' || end === 'full' ? 'done' : 'failed';
          tally.expire();
          await tell({ ...act, outcome, count: done, more: { pipeline, ...filter, end, errorCode } });
        },
      });
      if (!isBegun) {
        const text = 'Another decision about all of a reason is under way. Wait for its end, or stop it.';
        response.status(409).send(noticePage('Nothing was done', text));
        return;
      }
      // A few are done at once, and told of as if they had been chosen.
      await runs.settled(pipeline, waitMs);
      const { code } = filter;
      const query = code === null ? '' : `?code=${encodeURIComponent(code)}`;
      response.redirect(303, `/dead-letters/${pipeline}${query}`);
      return;
    }
    const meant = { ids: chosen.slice(0, idsLogged) };
    const deadline = performance.now() + longestMs;
    let progress: Done = { action, done: 0, skipped: 0, more: false };
    try {
      await carryOut(decision, places, by, (so) => {
        progress = { ...progress, ...so, more: performance.now() > deadline };
        return !progress.more;
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

/** Those of the reason that wait, as they were counted last; `null`: what else they are filtered by is not counted. */
async function aboutHowMany(tally: DeadLetterTally, { pipeline, filter }: Decision): Promise<number | null> {
  const letters = (await tally.read())[pipeline];
  if (letters === null || letters.ofNewest !== null || filter.stream !== null || filter.windowId !== null)
    return null;
  const meant = letters.counts.filter(({ code }) => filter.code === null || code === filter.code);
  return meant.reduce((sum, one) => sum + one.count, 0);
}

function operatorsOnly(actions: OperatorActions): RequestHandler {
  return async (request, response, next) => {
    if (visitorOf(response).role === 'operator') return next();
    const { pipeline } = request.params;
    const target = isPipeline(pipeline) ? `${pipeline} dead letters` : null;
    await refuseViewer(actions.of(request, response), response, { action: 'dead-letters', target });
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
