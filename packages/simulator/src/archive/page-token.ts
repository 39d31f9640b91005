import { hash } from 'node:crypto';
import type { SealedText } from '../sealed-text.ts';
import type { ArchiveQuery } from './archive-query.ts';

const PURPOSE = 'archive-page';

/** `X-Next-Page`: opaque, good for the query it was given for and for no other. */
export class PageTokens {
  readonly #sealed: SealedText;

  constructor(sealed: SealedText) {
    this.#sealed = sealed;
  }

  issue(query: ArchiveQuery, page: number): string {
    return this.#sealed.seal(PURPOSE, [page, fingerprint(query)]);
  }

  /** The page (0 = first); null where the token is not of this query. */
  read(query: ArchiveQuery, token: string): number | null {
    const numbers = this.#sealed.open(PURPOSE, token);
    if (numbers?.length !== 2 || numbers[1] !== fingerprint(query)) return null;
    return numbers[0] ?? null;
  }
}

function fingerprint({ fromMs, toMs, size, media }: ArchiveQuery): number {
  return Number.parseInt(hash('sha256', JSON.stringify([fromMs, toMs, size, media]), 'hex').slice(0, 12), 16);
}
