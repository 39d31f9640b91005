import { hash } from 'node:crypto';

/** How long one set takes up events before the next is begun (ms). */
const setMs = 600_000;

/** Events of a set, and sets, at most; about 80 bytes an event. Beyond them repeats go on, and Elasticsearch discards them. */
const setEvents = 20_000;
const maxSets = 10;

/**
 * Which events a source has returned, so that what a sweep meets again is not returned again.
 *
 * An event may be dropped only where the page that held it was accepted. That is known of a chain of calls in which each is made
 * with the cursor that the one before returned. A call with any other cursor breaks the chain (a page that was dropped, a rewind,
 * another holder in between), and everything is forgotten. Cursors carry a nonce, so that two of them are equal only where they are
 * the answer to the very same call.
 *
 * Remembered is the digest of the whole source text: an id that comes with another text goes on, since it may be a conflict.
 */
export class ReturnedEvents {
  #sets: { digests: Set<string>; until: number }[] = [];
  #expected: string | null = null;
  #call: object | null = null;

  /** A call begins. Another that is under way has been given up by its caller: what it returns counts as not accepted. */
  begin(cursor: string | null): ChainedCall {
    if (cursor === null || cursor !== this.#expected) this.#sets = [];
    this.#expected = null;
    const call = {};
    this.#call = call;
    return new ChainedCall(this.#sets, (staged, next, now) => {
      if (this.#call !== call) return;
      this.#expected = next;
      this.#add(staged, now);
    });
  }

  /** Forgets what cannot come again: sets that were full before `final`, whose events are all dated before it. */
  prune(final: number): void {
    this.#sets = this.#sets.filter(({ until }) => until > final);
  }

  #add(staged: ReadonlySet<string>, now: number): void {
    if (staged.size === 0) return;
    let latest = this.#sets.at(-1);
    if (latest === undefined || latest.until < now || latest.digests.size >= setEvents) {
      latest = { digests: new Set(), until: now + setMs };
      this.#sets.push(latest);
      if (this.#sets.length > maxSets) this.#sets.shift();
    }
    for (const digest of staged) latest.digests.add(digest);
  }
}

/** One call of a source, as far as repeats matter. */
class ChainedCall {
  readonly #known: readonly { digests: ReadonlySet<string> }[];
  readonly #commit: (staged: ReadonlySet<string>, next: string | null, now: number) => void;
  readonly #staged = new Set<string>();

  constructor(
    known: readonly { digests: ReadonlySet<string> }[],
    commit: (staged: ReadonlySet<string>, next: string | null, now: number) => void,
  ) {
    this.#known = known;
    this.#commit = commit;
  }

  /** Those that were not returned before. @param again whether a later pass may meet them again */
  fresh(events: readonly Buffer[], again: boolean): Buffer[] {
    return events.filter((event) => {
      const digest = hash('sha256', event, 'binary');
      if (this.#staged.has(digest) || this.#known.some(({ digests }) => digests.has(digest))) return false;
      if (again) this.#staged.add(digest);
      return true;
    });
  }

  /** The call ends. @param next the cursor with which the following one is made if this page is accepted @param now ms since 1970 */
  end(next: string | null, now: number): void {
    this.#commit(this.#staged, next, now);
  }
}
