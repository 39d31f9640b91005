import type { DeadLetter, DeadLetters } from '@trunkline/elasticsearch-sink';
import { UsageError } from '../frame/exit-codes.ts';

/** Which dead letters a command is about: exactly one of these is given. */
export interface Selection {
  id?: string[];
  code?: string;
  all?: boolean;
}

/** A dead letter, or the id of one that is not there. */
export type Selected = { kind: 'letter'; letter: DeadLetter } | { kind: 'absent'; id: string };

/** @throws UsageError unless exactly one way of choosing is given */
export function checkSelection({ id, code, all }: Selection, ways: string): void {
  const given = [id !== undefined, code !== undefined, all === true].filter(Boolean).length;
  if (given !== 1) throw new UsageError(`Say which dead letters are meant, with one of ${ways}.`);
}

/** The dead letters that are meant: those named, whatever their status, or the open ones with a code, or all open ones. */
export async function* selected(
  letters: DeadLetters,
  { id, code }: Selection,
): AsyncGenerator<Selected, void, undefined> {
  if (id !== undefined) {
    for (const each of new Set(id)) {
      const found = await letters.get(each);
      if (found === null) yield { kind: 'absent', id: each };
      else yield { kind: 'letter', letter: withoutText(found) };
    }
    return;
  }
  const filter = { status: 'open', ...(code === undefined ? {} : { code }) } as const;
  for (let after: unknown[] | null = null; ; ) {
    const page = await letters.list(filter, after, 500);
    for (const letter of page.letters) yield { kind: 'letter', letter };
    if (page.next === null) return;
    after = page.next;
  }
}

export function withoutText({ text: _, ...letter }: DeadLetter & { text: string }): DeadLetter {
  return letter;
}
