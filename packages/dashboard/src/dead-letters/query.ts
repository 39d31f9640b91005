/** What stands in the addresses of the dead-letter pages. Pure. */
import type { Pipeline } from '@trunkline/contracts';
import type { Done } from './list-page.ts';

type Query = Readonly<Record<string, unknown>>;

/** An id, a code, the name of a stream or of a window. */
export const word = /^[\w.:+-]{1,200}$/;

export function wordOf(value: unknown): string | null {
  return typeof value === 'string' && word.test(value) ? value : null;
}

export function isPipeline(text: unknown): text is Pipeline {
  return text === 'audit' || text === 'archive';
}

/** Those fields that are not `null`. */
export function given<Name extends string>(
  fields: Readonly<Record<Name, string | null>>,
): Partial<Record<Name, string>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Partial<
    Record<Name, string>
  >;
}

/** What `next` of a page before gave; what is no such thing starts from the beginning. */
export function afterOf(value: unknown): unknown[] | null {
  if (typeof value !== 'string') return null;
  try {
    const after: unknown = JSON.parse(value);
    return Array.isArray(after) && after.length === 2 ? after : null;
  } catch {
    return null;
  }
}

/** What was done, for the page that is shown next: numbers alone, so that no link can put words into a page. */
export function doneQuery({ action, done, skipped, more }: Done, code: string | null): URLSearchParams {
  return new URLSearchParams({
    ...(code === null ? {} : { code }),
    [action === 'requeue' ? 'requeued' : 'discarded']: String(done),
    skipped: String(skipped),
    ...(more ? { more: '1' } : {}),
  });
}

export function doneOf(query: Query): Done | null {
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

/** A whole number; `null` for anything else. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
}
