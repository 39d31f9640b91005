import { type ArchiveWindow, organisationOfStream, TrunklineError } from '@trunkline/contracts';

/**
 * What a process holds for each organisation of its deployment. Without ORGANISATIONS_FILE there is one, which has no id: it is that of
 * every stream, and of the windows that name none.
 */
export class Organisations<T> {
  readonly #each: ReadonlyMap<string | null, T>;

  /** @param each by id; `null`: the only one, from the environment */
  constructor(each: ReadonlyMap<string | null, T>) {
    this.#each = each;
  }

  get ids(): readonly (string | null)[] {
    return [...this.#each.keys()];
  }

  /** At least one. */
  get all(): readonly [T, ...T[]] {
    return [...this.#each.values()] as [T, ...T[]];
  }

  map<U>(make: (value: T, id: string | null) => U): Organisations<U> {
    return new Organisations(new Map([...this.#each].map(([id, value]) => [id, make(value, id)])));
  }

  /** As `map`, of those for which something is made; `null` where there are none. */
  mapSome<U>(make: (value: T, id: string | null) => U | null): Organisations<U> | null {
    const some = new Map<string | null, U>();
    for (const [id, value] of this.#each) {
      const made = make(value, id);
      if (made !== null) some.set(id, made);
    }
    return some.size === 0 ? null : new Organisations(some);
  }

  /** `null`: the only one, from the environment. */
  idOfStream(stream: string): string | null {
    return this.#each.has(null) ? null : organisationOfStream(stream);
  }

  /** @throws TrunklineError ORGANISATION_UNKNOWN */
  ofStream(stream: string): T {
    return this.of(this.idOfStream(stream));
  }

  /** @throws TrunklineError ORGANISATION_UNKNOWN */
  ofWindow({ organisation }: Pick<ArchiveWindow, 'organisation'>): T {
    return this.of(organisation ?? null);
  }

  /** @throws TrunklineError ORGANISATION_UNKNOWN */
  of(id: string | null): T {
    const value = this.#each.get(id);
    if (value !== undefined) return value;
    throw new TrunklineError('ORGANISATION_UNKNOWN', {
      message:
        id === null
          ? 'This job names no organisation, and ORGANISATIONS_FILE is set.'
          : `This process knows no organisation ${id}.`,
      remedy:
        'Give all processes the same ORGANISATIONS_FILE, with every organisation of which something waits; the job waits for it.',
    });
  }
}
