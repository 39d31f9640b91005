import type { Selection } from '@trunkline/dead-letters';
import { UsageError } from '../frame/exit-codes.ts';

/** Which dead letters a command is about: exactly one of these is given. */
export interface SelectionOptions {
  id?: string[];
  code?: string;
  all?: boolean;
}

/** @throws UsageError unless exactly one way of choosing is given */
export function selectionOf({ id, code, all }: SelectionOptions, ways: string): Selection {
  const given = [id !== undefined, code !== undefined, all === true].filter(Boolean).length;
  if (given !== 1) throw new UsageError(`Say which dead letters are meant, with one of ${ways}.`);
  if (id !== undefined) return { ids: id };
  return { open: code === undefined ? {} : { code } };
}
