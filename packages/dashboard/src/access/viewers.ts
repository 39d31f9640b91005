import type { Response } from 'express';
import { noticePage } from '../html/layout.ts';
import type { OperatorAct } from './operator-actions.ts';

export const viewersLookOnly = 'Viewers may look only: an operator has to do this.';

/** Answers a viewer who asked for what takes an operator, and tells it in the access log. */
export async function refuseViewer(
  tell: (act: OperatorAct) => Promise<void>,
  response: Response,
  act: Pick<OperatorAct, 'action' | 'target'>,
): Promise<void> {
  await tell({ ...act, outcome: 'refused', reason: viewersLookOnly });
  response.status(403).send(noticePage('For operators', viewersLookOnly));
}
