/**
 * What the source says of a range: the id, the content digest and the page of each event, and what the comparison notes
 * beside it. No documents.
 *
 * About 110 bytes an event, in typed arrays outside of the JavaScript heap: a few million events fit into half a gigabyte. An
 * entry is its place, 0, 1, 2 ... in the order in which events were added. The same id with another content is an entry of its
 * own: a variant.
 */
export class EventTable {
  #size = 0;
  #capacity = 1_024;
  #digests = Buffer.alloc(this.#capacity * DIGEST_BYTES);
  #hashes = new Uint32Array(this.#capacity);
  /** The entry behind this one in the chain of its hash, plus 1; 0: none. */
  #next = new Uint32Array(this.#capacity);
  #idStarts = new Float64Array(this.#capacity + 1);
  #pages = new Uint32Array(this.#capacity);
  #times = new Float64Array(this.#capacity);
  #homes = new Uint16Array(this.#capacity);
  #marks = new Uint8Array(this.#capacity);
  #ids = Buffer.alloc(this.#capacity * 40);
  /** First entry of each chain, plus 1. */
  #heads = new Uint32Array(this.#capacity);

  get size(): number {
    return this.#size;
  }

  /**
   * @param digest SHA-256 of the content, hex
   * @param page number of the page that the event came with
   * @param time of the event, ms since 1970; `null` where it has none that can be read
   * @returns whether it is new, or was there already with this content
   */
  add(id: string, digest: string, page: number, time: number | null): boolean {
    const bytes = Buffer.from(id, 'utf8');
    const content = Buffer.from(digest, 'hex');
    if (content.length !== DIGEST_BYTES) throw new RangeError('A digest must be 32 bytes in hex');
    const hash = hashOf(bytes);
    for (const entry of this.#chain(hash, bytes)) if (this.#holds(entry, content)) return false;
    if (this.#size === this.#capacity) this.#grow();
    const entry = this.#size++;
    const start = this.#idStarts[entry] as number;
    const end = start + bytes.length;
    while (end > this.#ids.length) this.#ids = grown(this.#ids, this.#ids.length * 2);
    bytes.copy(this.#ids, start);
    this.#idStarts[entry + 1] = end;
    content.copy(this.#digests, entry * DIGEST_BYTES);
    this.#hashes[entry] = hash;
    this.#pages[entry] = page;
    this.#times[entry] = time ?? Number.NaN;
    this.#link(entry);
    return true;
  }

  /** The entries of an id: one, or several where the source gave it with several contents. */
  find(id: string): number[] {
    const bytes = Buffer.from(id, 'utf8');
    return [...this.#chain(hashOf(bytes), bytes)].sort((a, b) => a - b);
  }

  /** The entry of an id with this content, or `null`. */
  findExact(id: string, digest: string): number | null {
    const content = Buffer.from(digest, 'hex');
    return this.find(id).find((entry) => this.#holds(entry, content)) ?? null;
  }

  id(entry: number): string {
    return this.#ids.toString('utf8', this.#idStarts[entry], this.#idStarts[entry + 1]);
  }

  /** Hex. */
  digest(entry: number): string {
    return this.#digests.toString('hex', entry * DIGEST_BYTES, (entry + 1) * DIGEST_BYTES);
  }

  page(entry: number): number {
    return this.#pages[entry] as number;
  }

  time(entry: number): number | null {
    const time = this.#times[entry] as number;
    return Number.isNaN(time) ? null : time;
  }

  /** A number below 65,536 that the user keeps beside an entry; 0 until it is set. */
  home(entry: number): number {
    return this.#homes[entry] as number;
  }

  setHome(entry: number, home: number): void {
    this.#homes[entry] = home;
  }

  mark(entry: number, mark: Mark): void {
    this.#marks[entry] = (this.#marks[entry] as number) | mark;
  }

  has(entry: number, mark: Mark): boolean {
    return ((this.#marks[entry] as number) & mark) !== 0;
  }

  *#chain(hash: number, bytes: Buffer): Generator<number, void, undefined> {
    let place = this.#heads[hash % this.#heads.length] as number;
    while (place !== 0) {
      const entry = place - 1;
      if (this.#hashes[entry] === hash && this.#isOf(entry, bytes)) yield entry;
      place = this.#next[entry] as number;
    }
  }

  #isOf(entry: number, bytes: Buffer): boolean {
    const start = this.#idStarts[entry] as number;
    const end = this.#idStarts[entry + 1] as number;
    return end - start === bytes.length && this.#ids.compare(bytes, 0, bytes.length, start, end) === 0;
  }

  #holds(entry: number, content: Buffer): boolean {
    const start = entry * DIGEST_BYTES;
    return this.#digests.compare(content, 0, DIGEST_BYTES, start, start + DIGEST_BYTES) === 0;
  }

  #link(entry: number): void {
    const slot = (this.#hashes[entry] as number) % this.#heads.length;
    this.#next[entry] = this.#heads[slot] as number;
    this.#heads[slot] = entry + 1;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#digests = grown(this.#digests, this.#capacity * DIGEST_BYTES);
    this.#hashes = lengthened(this.#hashes, new Uint32Array(this.#capacity));
    this.#idStarts = lengthened(this.#idStarts, new Float64Array(this.#capacity + 1));
    this.#times = lengthened(this.#times, new Float64Array(this.#capacity));
    this.#homes = lengthened(this.#homes, new Uint16Array(this.#capacity));
    this.#pages = lengthened(this.#pages, new Uint32Array(this.#capacity));
    this.#marks = lengthened(this.#marks, new Uint8Array(this.#capacity));
    this.#next = new Uint32Array(this.#capacity);
    this.#heads = new Uint32Array(this.#capacity);
    for (let entry = 0; entry < this.#size; entry++) this.#link(entry);
  }
}

/** What the comparison notes of an entry. */
export const marks = {
  /** A document with this content stands in the sink. */
  stored: 1,
  /** A document with this id and another content stands in the sink. */
  replaced: 2,
  /** The stream has not indexed it yet. */
  notDue: 4,
  /** It stands in the dead letters. */
  deadLettered: 8,
  /** It is of the services that the stream reads apart. */
  uncovered: 16,
} as const;
export type Mark = (typeof marks)[keyof typeof marks];

const DIGEST_BYTES = 32;

/** FNV-1a; chains are short, and ids are compared byte by byte. */
function hashOf(bytes: Buffer): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function grown(buffer: Buffer, length: number): Buffer<ArrayBuffer> {
  const longer = Buffer.alloc(length);
  buffer.copy(longer);
  return longer;
}

function lengthened<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
