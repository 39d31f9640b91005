/**
 * Compares what the source says with what the sink holds: ids and content digests, no documents. Pure.
 *
 * First all events of the source, then all documents of the sink. What then still waits for an explanation is named by
 * `unexplained`; whoever has one (not indexed yet, dead-lettered, found after all) says so.
 */
import { EventTable, marks } from './event-table.ts';

export interface SourceEvent {
  id: string;
  /** Of its content, hex. */
  digest: string;
  /** ms since 1970; `null` where its date cannot be read. */
  time: number | null;
}

export interface SinkDocument {
  id: string;
  index: string;
  /** As it was written beside the event; `null` in a document that Trunkline did not write. */
  digest: string | null;
  /** Computed from what stands there. */
  contentDigest: string | null;
}

export interface Duplicated {
  id: string;
  /** The index of each document with this id; one that holds several stands here as often. */
  indices: string[];
}

/** What differs: the event itself, the digest that was noted beside it, or that Trunkline did not write the document at all. */
type Alteration = 'content' | 'noted-digest' | 'foreign-document';

export interface Altered {
  id: string;
  index: string;
  what: Alteration;
}

export interface Extra {
  id: string;
  index: string;
}

export class Comparison {
  readonly table = new EventTable();
  readonly duplicated = new Map<string, Duplicated>();
  altered: Altered[] = [];
  extras: Extra[] = [];
  /** Events that the source gave again with the same content. */
  repeated = 0;
  documents = 0;
  /** Of these the content is not that of the digest beside it: no other shape of the event explains that. */
  readonly #rewritten = new WeakSet<Altered>();
  readonly #indices: string[] = [];
  readonly #ordinals = new Map<string, number>();

  /** @param isUncovered whether it is of the services that the stream reads apart */
  addSource({ id, digest, time }: SourceEvent, page: number, isUncovered = false): void {
    if (!this.table.add(id, digest, page, time)) this.repeated++;
    else if (isUncovered) this.table.mark(this.table.size - 1, marks.uncovered);
  }

  /** @param mayBeExtra whether a document that the source does not know is one too many */
  addDocument(document: SinkDocument, mayBeExtra: boolean): void {
    const { id, index, contentDigest } = document;
    const entries = this.table.find(id);
    const [first] = entries;
    if (first === undefined) {
      if (mayBeExtra) this.extras.push({ id, index });
      return;
    }
    this.documents++;
    this.#house(first, id, index);
    const same =
      contentDigest === null
        ? undefined
        : entries.find((entry) => this.table.digest(entry) === contentDigest);
    if (same !== undefined) {
      this.table.mark(same, marks.stored);
      if (document.digest !== contentDigest) this.altered.push({ id, index, what: 'noted-digest' });
      return;
    }
    const altered: Altered = { id, index, what: contentDigest === null ? 'foreign-document' : 'content' };
    this.altered.push(altered);
    if (document.digest !== contentDigest) this.#rewritten.add(altered);
    for (const entry of entries) this.table.mark(entry, marks.replaced);
  }

  /** Entries of events of whose id there is a document, but with another content. */
  *differing(): Generator<number, void, undefined> {
    for (let entry = 0; entry < this.table.size; entry++) {
      if (this.table.has(entry, marks.stored)) continue;
      const variants = this.table.find(this.table.id(entry));
      if (variants.some((variant) => this.table.home(variant) !== 0)) yield entry;
    }
  }

  /** The documents of these ids hold their events after all, however they differ; but for what is not as it was written. */
  acquit(ids: ReadonlySet<string>): void {
    for (const id of ids) for (const entry of this.table.find(id)) this.table.mark(entry, marks.stored);
    this.altered = this.altered.filter(
      (altered) => altered.what !== 'content' || !ids.has(altered.id) || this.#rewritten.has(altered),
    );
  }

  /** Entries of events that stand nowhere and that nothing explains yet. */
  *unexplained(): Generator<number, void, undefined> {
    for (let entry = 0; entry < this.table.size; entry++) {
      const explained =
        this.table.has(entry, marks.stored) ||
        this.table.has(entry, marks.replaced) ||
        this.table.has(entry, marks.notDue) ||
        this.table.has(entry, marks.deadLettered);
      if (!explained) yield entry;
    }
  }

  hasUnexplained(): boolean {
    return this.unexplained().next().done !== true;
  }

  /** Entries of events that stand nowhere and have this explanation. */
  *absentWith(mark: typeof marks.notDue | typeof marks.deadLettered): Generator<number, void, undefined> {
    for (let entry = 0; entry < this.table.size; entry++) {
      const stands = this.table.has(entry, marks.stored) || this.table.has(entry, marks.replaced);
      if (!stands && this.table.has(entry, mark)) yield entry;
    }
  }

  /** Counts a document of an id; the second one makes the id duplicated. */
  #house(entry: number, id: string, index: string): void {
    const home = this.table.home(entry);
    if (home === 0) {
      this.table.setHome(entry, this.#ordinal(index));
      return;
    }
    const known = this.duplicated.get(id);
    if (known !== undefined) known.indices.push(index);
    else this.duplicated.set(id, { id, indices: [this.#indices[home - 1] as string, index] });
  }

  #ordinal(index: string): number {
    let ordinal = this.#ordinals.get(index);
    if (ordinal === undefined) {
      ordinal = this.#indices.push(index);
      this.#ordinals.set(index, ordinal);
    }
    return ordinal;
  }
}
