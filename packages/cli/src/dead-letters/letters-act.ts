import type { Pipeline } from '@trunkline/contracts';
import type { Act } from '../frame/on-record.ts';
import { counted, printable } from '../terminal/text.ts';
import type { SelectionOptions } from './selection.ts';

/** A decision about dead letters, in the words in which the dashboard tells of its own. */
export function lettersAct(
  pipeline: Pipeline,
  action: 'requeue' | 'discard',
  { id: ids, code }: SelectionOptions,
): Act {
  if (ids === undefined) {
    const which = code === undefined ? '' : ` of ${printable(code)}`;
    return { action, target: `${pipeline} dead letters, all${which}`, ahead: true };
  }
  const [first = ''] = ids;
  const one = ids.length === 1;
  const target = one
    ? `${pipeline} dead letter ${printable(first)}`
    : counted(ids.length, `${pipeline} dead letter`);
  return { action, target, ahead: !one };
}
