/** `/windows/<id>`: what a person decides about a window whose texts do not come. Looking is for everybody, deciding for operators. */
import { ARCHIVE_PLAN, type ArchivePlanJob, archiveWindowAct, type QueueName } from '@trunkline/contracts';
import { jobOptions } from '@trunkline/service';
import type { Queue } from 'bullmq';
import express, { type Response, Router } from 'express';
import type { OperatorActions } from '../access/operator-actions.ts';
import { refuseViewer } from '../access/viewers.ts';
import { visitorOf } from '../access/visitor.ts';
import { noticePage } from '../html/layout.ts';
import type { OverviewFeed } from '../overview/feed.ts';
import { actOf, type WindowView, windowPage } from './window-page.ts';

export function windowRoutes(parts: {
  readonly feed: OverviewFeed;
  readonly queue: (name: QueueName) => Queue;
  readonly actions: OperatorActions;
  readonly attempts: number;
}): Router {
  const { feed, queue, actions, attempts } = parts;
  const router = Router();
  const form = express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 10 });

  async function known(windowId: string): Promise<Pick<WindowView, 'heldBack' | 'ended'> | null> {
    const archive = (await feed.now()).picture?.archive;
    const heldBack = archive?.heldBack.find((one) => one.windowId === windowId) ?? null;
    const ended = archive?.windows.find((one) => one.windowId === windowId) ?? null;
    return heldBack === null && ended === null ? null : { heldBack, ended };
  }

  router.get('/:id', async ({ params: { id }, query }, response) => {
    const found = await known(id);
    if (found === null) return missing(response);
    const asked = archiveWindowAct.shape.kind.safeParse(query['asked']).data ?? null;
    response.send(
      windowPage({ windowId: id, ...found, visitor: visitorOf(response), now: Date.now(), asked }),
    );
  });

  router.post('/:id/:kind', form, async (request, response) => {
    const { id, kind } = request.params;
    const found = await known(id ?? '');
    if (found === null) return missing(response);
    const tell = actions.of(request, response);
    const act = { action: `window-${actOf(found) ?? 'none'}`, target: `window ${id}` };
    const { name, role } = visitorOf(response);
    if (role !== 'operator') return refuseViewer(tell, response, act);
    if (kind !== actOf(found)) {
      const text = 'It is not as it was when you looked: there is nothing to decide about it now.';
      return void response.status(409).send(noticePage('Nothing was done', text));
    }
    const reason: unknown = request.body?.['reason'];
    const asked = archiveWindowAct.safeParse({
      kind,
      windowId: id,
      by: name ?? 'nobody',
      reason: typeof reason === 'string' ? reason.trim() : '',
      at: new Date().toISOString(),
    }).data;
    if (asked === undefined) {
      return void response.status(400).send(noticePage('Nothing was done', 'Say why: type a reason.'));
    }
    const job: ArchivePlanJob = { v: 1, range: null, act: asked };
    await queue(ARCHIVE_PLAN).add(kind, job, jobOptions(attempts));
    await tell({ ...act, outcome: 'done', reason: asked.reason });
    response.redirect(303, `/windows/${encodeURIComponent(asked.windowId)}?asked=${kind}`);
  });

  return router;
}

function missing(response: Response): void {
  const text =
    'It is not held back, and not among the last windows. The command line can be asked about all.';
  response.status(404).send(noticePage('No such window here', text));
}
