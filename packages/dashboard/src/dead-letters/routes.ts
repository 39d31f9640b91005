/**
 * `/dead-letters`: what a person does with dead letters. Looking is for everybody who is logged in; to queue again, discard and
 * reveal takes an operator, and each is told in the access log, a revelation before anything is shown.
 */
import { errorCodeOf, type Pipeline, TrunklineError } from '@trunkline/contracts';
import type { ArchiveLetter, ArchiveSelection, Selection } from '@trunkline/dead-letters';
import type { DeadLetter } from '@trunkline/elasticsearch-sink';
import { count, type DeadLettersByCode, type DeadLetterTally } from '@trunkline/overview';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { z } from 'zod';
import type { OperatorActions } from '../access/operator-actions.ts';
import { visitorOf } from '../access/visitor.ts';
import { html } from '../html/html.ts';
import { noticePage } from '../html/layout.ts';
import { archiveLetterPage, archiveRows } from './archive-pages.ts';
import { auditLetterPage, auditRows, letterStatuses } from './audit-pages.ts';
import { discarding } from './letter-page.ts';
import { type Done, listPage } from './list-page.ts';
import type { DeadLetterPlaces } from './places.ts';

const pageSize = 50;

/** A request takes no longer; what is left is told of (ms). */
const decideMs = 15_000;

/** More boxes than a page has. */
const mostChosen = 1_000;

const decisionForm = z.object({
  scope: z.enum(['chosen', 'all']),
  id: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((ids) =>
      [ids]
        .flat()
        .filter((id) => id.length <= 600)
        .slice(0, mostChosen),
    ),
  reason: z.string().max(300).exactOptional(),
  /** The filter of the page, for `all`. */
  code: z.string().exactOptional(),
  stream: z.string().exactOptional(),
  window: z.string().exactOptional(),
});

const isPipeline = (text: unknown): text is Pipeline => text === 'audit' || text === 'archive';

export function deadLetterRoutes(
  places: DeadLetterPlaces,
  parts: { readonly actions: OperatorActions; readonly tally: DeadLetterTally },
): Router {
  const { actions, tally } = parts;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '256kb', parameterLimit: 2_000 });

  router.get('/', (_request, response) => response.redirect(303, '/dead-letters/audit'));

  router.get('/audit', async (request, response) => {
    const visitor = visitorOf(response);
    const code = wordOf(request.query['code']);
    const stream = wordOf(request.query['stream']);
    const status = letterStatuses.find((one) => one === request.query['status']) ?? 'open';
    const filter = { status, ...(code === null ? {} : { code }), ...(stream === null ? {} : { stream }) };
    let letters: readonly DeadLetter[] = [];
    let next: string | null = null;
    let trouble: string | null = null;
    try {
      const { desk } = required(places);
      await desk.refresh();
      const page = await desk.letters.list(filter, afterOf(request.query['after']), pageSize);
      letters = page.letters;
      if (page.next !== null) {
        const query = new URLSearchParams({ ...filter, after: JSON.stringify(page.next) });
        next = `/dead-letters/audit?${query}`;
      }
    } catch (error) {
      trouble = troubleOf(error);
    }
    const isOperator = visitor.role === 'operator';
    response.send(
      listPage({
        pipeline: 'audit',
        visitor,
        codes: codesOf((await tally.read()).audit),
        code,
        filter: stream === null ? {} : { stream },
        filters: html`<label>Status<select name="status">${letterStatuses.map((one) => html`<option${one === status ? html` selected` : null}>${one}</option>`)}</select></label><label>Stream<input type="text" name="stream" value="${stream ?? ''}" maxlength="200" placeholder="all streams"></label>`,
        rows: auditRows(letters, isOperator && status === 'open', Date.now()),
        next,
        done: doneOf(request),
        trouble,
        discarding: discarding.audit,
        decidable: status === 'open',
      }),
    );
  });

  router.get('/archive', async (request, response) => {
    const visitor = visitorOf(response);
    const code = wordOf(request.query['code']);
    const windowId = wordOf(request.query['window']);
    const start = Math.max(0, Number.parseInt(String(request.query['from'] ?? '0'), 10) || 0);
    const letters: ArchiveLetter[] = [];
    const filter = { ...(code === null ? {} : { code }), ...(windowId === null ? {} : { windowId }) };
    let seen = 0;
    for await (const letter of places.archive.list(filter)) {
      seen += 1;
      if (seen > start + pageSize) break;
      if (seen > start) letters.push(letter);
    }
    const query = new URLSearchParams({
      ...(code === null ? {} : { code }),
      ...(windowId === null ? {} : { window: windowId }),
      from: String(start + pageSize),
    });
    response.send(
      listPage({
        pipeline: 'archive',
        visitor,
        codes: codesOf((await tally.read()).archive),
        code,
        filter: windowId === null ? {} : { window: windowId },
        filters: html`<label>Window<input type="text" name="window" value="${windowId ?? ''}" maxlength="200" placeholder="all windows"></label>`,
        rows: archiveRows(letters, visitor.role === 'operator', Date.now()),
        next: seen > start + pageSize ? `/dead-letters/archive?${query}` : null,
        done: doneOf(request),
        trouble: null,
        discarding: places.stage === null ? null : discarding.archive,
        decidable: true,
      }),
    );
  });

  router.get('/:pipeline/:id', async (request, response, next) => {
    const { pipeline, id } = request.params;
    const visitor = visitorOf(response);
    if (pipeline === 'audit') {
      const shown = await required(places).desk.show(id);
      if (shown === null) return missing(response);
      return void response.send(auditLetterPage(shown, visitor, Date.now()));
    }
    if (pipeline !== 'archive') return next();
    const letter = await places.archive.get(id);
    if (letter === null) return missing(response);
    response.send(archiveLetterPage(letter, visitor, Date.now(), places.stage !== null));
  });

  router.post('/:pipeline/:action', operatorsOnly(actions), form, async (request, response, next) => {
    const { pipeline, action } = request.params;
    if (!isPipeline(pipeline) || (action !== 'requeue' && action !== 'discard')) return next();
    const parsed = decisionForm.safeParse(request.body ?? {});
    const reason = parsed.data?.reason?.trim() ?? '';
    if (!parsed.success) return refuse(response, 'Say which dead letters are meant.');
    if (parsed.data.scope === 'chosen' && parsed.data.id.length === 0)
      return refuse(response, 'Choose the dead letters that are meant: tick the boxes before them.');
    if (action === 'discard' && reason === '')
      return refuse(response, 'A discarded dead letter is kept with a reason: type one.');
    const [code, stream, windowId] = [parsed.data.code, parsed.data.stream, parsed.data.window].map(wordOf);
    if (action === 'discard' && parsed.data.scope === 'all' && code == null)
      return refuse(response, 'All can be discarded of one reason only: filter first.');
    const chosen = parsed.data.scope === 'chosen' ? parsed.data.id : null;
    const by = visitorOf(response).name ?? 'nobody';
    const filter = { code: code ?? null, stream: stream ?? null, windowId: windowId ?? null };
    const target = targetOf(pipeline, chosen, filter);
    const progress: { -readonly [Field in keyof Done]: Done[Field] } = {
      action,
      done: 0,
      skipped: 0,
      more: false,
    };
    const deadline = performance.now() + decideMs;
    try {
      for await (const { result } of decide(places, pipeline, action, { chosen, filter, reason, by })) {
        if (result === 'absent' || result === 'closed' || result === 'under-way') progress.skipped += 1;
        else progress.done += 1;
        if (performance.now() > deadline) {
          progress.more = true;
          break;
        }
      }
    } catch (error) {
      await actions.of(
        request,
        response,
      )({
        action,
        target,
        outcome: 'failed',
        ...(reason === '' ? {} : { reason }),
        more: { pipeline, count: progress.done, errorCode: errorCodeOf(error) },
      });
      throw error;
    } finally {
      tally.expire();
    }
    await actions.of(
      request,
      response,
    )({
      action,
      target,
      outcome: 'done',
      ...(reason === '' ? {} : { reason }),
      more: { pipeline, count: progress.done, ...(chosen === null ? filter : { ids: chosen.slice(0, 20) }) },
    });
    response.redirect(303, `/dead-letters/${pipeline}?${doneQuery(progress, filter.code)}`);
  });

  router.post('/:pipeline/:id/reveal', operatorsOnly(actions), async (request, response, next) => {
    const { pipeline, id } = request.params;
    if (!isPipeline(pipeline) || typeof id !== 'string') return next();
    const visitor = visitorOf(response);
    const tell = (outcome: 'done' | 'failed'): Promise<void> =>
      actions.of(
        request,
        response,
      )({
        action: 'reveal',
        target: `${pipeline} dead letter ${id}`,
        outcome,
        more: { pipeline },
      });
    if (pipeline === 'audit') {
      const { desk } = required(places);
      const shown = await desk.show(id);
      if (shown === null) return missing(response);
      await tell('done');
      const letter = await desk.reveal(id);
      return void response.send(auditLetterPage(shown, visitor, Date.now(), letter?.text ?? ''));
    }
    const letter = await places.archive.get(id);
    if (letter === null) return missing(response);
    const stage = places.requireStage();
    await tell('done');
    const text = await places.archive.reveal(id, stage);
    response.send(archiveLetterPage(letter, visitor, Date.now(), true, text ?? ''));
  });

  router.use(((error: unknown, _request, response, next) => {
    if (!(error instanceof TrunklineError)) return next(error);
    response.status(503).send(noticePage('That did not work', error.message));
  }) satisfies express.ErrorRequestHandler);

  return router;
}

/** What the rows of the page are filtered by. */
interface PageFilter {
  readonly code: string | null;
  readonly stream: string | null;
  readonly windowId: string | null;
}

/** Which dead letters, for the access log. */
function targetOf(pipeline: Pipeline, chosen: readonly string[] | null, filter: PageFilter): string {
  const words = Object.values(filter).filter((word) => word !== null);
  if (chosen === null)
    return `${pipeline} dead letters, all${words.length === 0 ? '' : ` of ${words.join(', ')}`}`;
  return chosen.length === 1
    ? `${pipeline} dead letter ${chosen[0]}`
    : `${count(chosen.length)} ${pipeline} dead letters`;
}

async function* decide(
  places: DeadLetterPlaces,
  pipeline: Pipeline,
  action: Done['action'],
  meant: { chosen: readonly string[] | null; filter: PageFilter; reason: string; by: string },
): AsyncGenerator<{ result: string }, void, undefined> {
  const { chosen, filter, reason, by } = meant;
  const ofCode = filter.code === null ? {} : { code: filter.code };
  if (pipeline === 'audit') {
    const { desk, worklist } = required(places);
    const selection: Selection =
      chosen === null
        ? { open: { ...ofCode, ...(filter.stream === null ? {} : { stream: filter.stream }) } }
        : { ids: chosen };
    const at = new Date().toISOString();
    yield* action === 'requeue'
      ? desk.requeue(worklist, selection, by)
      : desk.discard(worklist, selection, { reason, by, at });
    return;
  }
  const selection: ArchiveSelection =
    chosen === null
      ? { waiting: { ...ofCode, ...(filter.windowId === null ? {} : { windowId: filter.windowId }) } }
      : { ids: chosen };
  const { archive, compliance, attempts } = places;
  yield* action === 'requeue'
    ? archive.requeue(selection)
    : archive.discard(selection, {
        reason,
        by,
        at: new Date(),
        stage: places.requireStage(),
        compliance,
        attempts,
      });
}

/** @throws TrunklineError CONFIG_INVALID where the dead-letter index is not told of */
function required({ audit }: DeadLetterPlaces): NonNullable<DeadLetterPlaces['audit']> {
  if (audit !== null) return audit;
  throw new TrunklineError('CONFIG_INVALID', {
    message:
      'Dead letters of audit events stand in Elasticsearch, and this dashboard is not told where that is.',
    remedy: 'Set ELASTICSEARCH_URL for it; until then their entries stand on the queue audit-dead-letter.',
  });
}

function operatorsOnly(actions: OperatorActions): RequestHandler {
  return async (request, response, next) => {
    if (visitorOf(response).role === 'operator') return next();
    const reason = 'Viewers may look only: an operator has to do this.';
    const target =
      typeof request.params['pipeline'] === 'string' && isPipeline(request.params['pipeline'])
        ? `${request.params['pipeline']} dead letters`
        : null;
    await actions.of(request, response)({ action: 'dead-letters', target, outcome: 'refused', reason });
    response.status(403).send(noticePage('For operators', reason));
  };
}

function refuse(response: Response, text: string): void {
  response.status(400).send(noticePage('Nothing was done', text));
}

function missing(response: Response): void {
  response.status(404).send(noticePage('Not there', 'There is no such dead letter, or it was dealt with.'));
}

function troubleOf(error: unknown): string {
  if (error instanceof TrunklineError) return error.message;
  throw error;
}

function codesOf(letters: DeadLettersByCode | null): DeadLettersByCode['counts'] {
  return letters?.counts ?? [];
}

/** A word of a query: an id, a code. */
function wordOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.:+-]{1,200}$/.test(value) ? value : null;
}

/** What `next` of a page before gave; what is no such thing starts from the beginning. */
function afterOf(value: unknown): unknown[] | null {
  if (typeof value !== 'string') return null;
  try {
    const after: unknown = JSON.parse(value);
    return Array.isArray(after) && after.length === 2 ? after : null;
  } catch {
    return null;
  }
}

/** Numbers alone, so that no link can put words into the page. */
function doneQuery({ action, done, skipped, more }: Done, code: string | null): URLSearchParams {
  return new URLSearchParams({
    ...(code === null ? {} : { code }),
    [action === 'requeue' ? 'requeued' : 'discarded']: String(done),
    skipped: String(skipped),
    ...(more ? { more: '1' } : {}),
  });
}

function doneOf({ query }: Request): Done | null {
  const numberOf = (value: unknown): number | null =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
  const [requeued, discarded] = [numberOf(query['requeued']), numberOf(query['discarded'])];
  const done = requeued ?? discarded;
  if (done === null) return null;
  return {
    action: requeued === null ? 'discard' : 'requeue',
    done,
    skipped: numberOf(query['skipped']) ?? 0,
    more: query['more'] === '1',
  };
}
