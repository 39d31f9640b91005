import type { PersonalPlace } from '../archive/personal-datum.ts';

/** The string or member name of a document that a place of the ledger points to. */
export function stringAt(document: unknown, { pointer, text }: PersonalPlace): string {
  let at = document as Record<string, unknown>;
  const names = pointer.slice(1).split('/');
  for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
  const last = names.at(-1) as string;
  if (last.includes(text)) return last;
  return String(at[last]);
}
