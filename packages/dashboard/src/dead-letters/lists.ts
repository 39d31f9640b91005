import { type Pipeline, TrunklineError } from '@trunkline/contracts';
import type { ArchiveLetter } from '@trunkline/dead-letters';
import type { DeadLetter } from '@trunkline/elasticsearch-sink';
import type { DeadLetterTally } from '@trunkline/overview';
import { Router } from 'express';
import type { Visitor } from '../access/sessions.ts';
import { visitorOf } from '../access/visitor.ts';
import { html } from '../html/html.ts';
import { archiveRows } from './archive-pages.ts';
import { auditRows, letterStatuses } from './audit-pages.ts';
import { discarding } from './letter-page.ts';
import { type ListFrame, listPage } from './list-page.ts';
import type { DeadLetterPlaces } from './places.ts';
import { afterOf, doneOf, given, isPipeline, numberOf, wordOf } from './query.ts';
import { runSection } from './run-section.ts';
import type { DecisionRuns } from './runs.ts';

const pageSize = 50;

/** The lists of both pipelines' dead letters, by reason, a page at a time. */
export function listRoutes(places: DeadLetterPlaces, tally: DeadLetterTally, runs: DecisionRuns): Router {
  const router = Router();

  /** What a page tells of a decision about all of a filter. */
  async function runOf(pipeline: Pipeline, visitor: Visitor): Promise<Pick<ListFrame, 'run' | 'isRunning'>> {
    const run = await runs.read(pipeline);
    if (run === null) return { run: null, isRunning: false };
    return { run: runSection(run, pipeline, visitor, Date.now()), isRunning: run.state === 'running' };
  }

  // The section alone, for pages that follow it.
  router.get('/:pipeline/run', async ({ params }, response, next) => {
    const { pipeline } = params;
    if (!isPipeline(pipeline)) return next();
    const { run } = await runOf(pipeline, visitorOf(response));
    response.send(run?.text ?? '');
  });

  router.get('/audit', async ({ query }, response) => {
    const visitor = visitorOf(response);
    const code = wordOf(query['code']);
    const stream = wordOf(query['stream']);
    const status = letterStatuses.find((one) => one === query['status']) ?? 'open';
    const { letters, next, trouble } = await auditPage(
      places,
      { status, ...given({ code, stream }) },
      query['after'],
    );
    const isOpen = status === 'open';
    response.send(
      listPage({
        pipeline: 'audit',
        visitor,
        codes: (await tally.read()).audit?.counts ?? [],
        code,
        filter: given({ stream }),
        filters: html`<label>Status<select name="status">${letterStatuses.map((one) => html`<option${one === status ? html` selected` : null}>${one}</option>`)}</select></label><label>Stream<input type="text" name="stream" value="${stream ?? ''}" maxlength="200" placeholder="all streams"></label>`,
        rows: auditRows(letters, visitor.role === 'operator' && isOpen, Date.now()),
        next,
        done: doneOf(query),
        trouble,
        discarding: discarding.audit,
        decidable: isOpen,
        ...(await runOf('audit', visitor)),
      }),
    );
  });

  router.get('/archive', async ({ query }, response) => {
    const visitor = visitorOf(response);
    const code = wordOf(query['code']);
    const windowId = wordOf(query['window']);
    const start = numberOf(query['from']) ?? 0;
    const { letters, hasMore } = await archivePage(places, given({ code, windowId }), start);
    const filter = given({ window: windowId });
    const behind = new URLSearchParams({ ...given({ code }), ...filter, from: String(start + pageSize) });
    response.send(
      listPage({
        pipeline: 'archive',
        visitor,
        codes: (await tally.read()).archive?.counts ?? [],
        code,
        filter,
        filters: html`<label>Window<input type="text" name="window" value="${windowId ?? ''}" maxlength="200" placeholder="all windows"></label>`,
        rows: archiveRows(letters, visitor.role === 'operator', Date.now()),
        next: hasMore ? `/dead-letters/archive?${behind}` : null,
        done: doneOf(query),
        trouble: null,
        discarding: places.stage === null ? null : discarding.archive,
        decidable: true,
        ...(await runOf('archive', visitor)),
      }),
    );
  });

  return router;
}

/** A page of the index; where it cannot be asked the page says why, in words of ours. */
async function auditPage(
  places: DeadLetterPlaces,
  filter: { status: DeadLetter['status']; code?: string; stream?: string },
  after: unknown,
): Promise<{ letters: readonly DeadLetter[]; next: string | null; trouble: string | null }> {
  try {
    const { desk } = places.requireAudit();
    await desk.refresh();
    const page = await desk.letters.list(filter, afterOf(after), pageSize);
    const behind = new URLSearchParams({ ...filter, after: JSON.stringify(page.next) });
    return {
      letters: page.letters,
      next: page.next === null ? null : `/dead-letters/audit?${behind}`,
      trouble: null,
    };
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    return { letters: [], next: null, trouble: error.message };
  }
}

async function archivePage(
  { archive }: DeadLetterPlaces,
  filter: { code?: string; windowId?: string },
  start: number,
): Promise<{ letters: readonly ArchiveLetter[]; hasMore: boolean }> {
  const letters: ArchiveLetter[] = [];
  let place = 0;
  for await (const letter of archive.list(filter)) {
    if (place >= start + pageSize) return { letters, hasMore: true };
    if (place >= start) letters.push(letter);
    place += 1;
  }
  return { letters, hasMore: false };
}
