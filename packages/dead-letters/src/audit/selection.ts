import type { DeadLetter, DeadLetters } from '@trunkline/elasticsearch-sink';

/** Which dead letters are meant: those named, whatever their status, or the open ones, all or of one code and stream. */
export type Selection =
  | { readonly ids: readonly string[] }
  | { readonly open: { readonly code?: string; readonly stream?: string } };

/** A dead letter, or the id of one that is not there. */
export type Selected = { kind: 'letter'; letter: DeadLetter } | { kind: 'absent'; id: string };

const pageSize = 500;

export async function* selected(
  letters: DeadLetters,
  selection: Selection,
): AsyncGenerator<Selected, void, undefined> {
  if ('ids' in selection) {
    for (const id of new Set(selection.ids)) {
      const found = await letters.get(id);
      yield found === null ? { kind: 'absent', id } : { kind: 'letter', letter: withoutText(found) };
    }
    return;
  }
  for (let after: unknown[] | null = null; ; ) {
    const page = await letters.list({ status: 'open', ...selection.open }, after, pageSize);
    for (const letter of page.letters) yield { kind: 'letter', letter };
    if (page.next === null) return;
    after = page.next;
  }
}

export function withoutText({ text: _, ...letter }: DeadLetter & { text: string }): DeadLetter {
  return letter;
}
