import { hash } from 'node:crypto';
import { join } from 'node:path';
import { visibleBefore } from '../audit/login.ts';
import type { AuditStream } from '../audit/stream.ts';
import { AUDIT_SHAPES, type AuditShape, type PlatformShape } from '../platform/audits/audit-shape.ts';
import type { Renditions } from '../platform/audits/renditions.ts';
import { LedgerFile } from './ledger-file.ts';

/** One event of the stream as the ledger knows it. */
export interface LedgerEvent {
  /** Position in the stream. */
  n: number;
  /** Its id; null where it has none that is text. */
  id: string | null;
  /** Its `date` as it stands in it; null where there is none that is text. */
  date: string | null;
  /** When it stands in the stream, ISO 8601 of the simulator's clock. */
  positionedAt: string;
  /** SHA-256 of the exact source text, hex. */
  sha256: string;
  /** How often it was delivered in a whole reply. */
  served: number;
  /** In which shapes. */
  shapes: AuditShape[];
  /** First time, epoch ms of the host's clock; null = never. */
  firstServedAt: number | null;
  /** True for a LOGIN event, which the usual filter leaves out. */
  filtered: boolean;
  /** What is odd about it. */
  tags: string[];
  /** Position of the earlier event whose id it has. */
  of: number | null;
  /** Exact source text, where it was asked for. */
  source?: string;
}

export interface LedgerSummary {
  /** Positions that exist now, filtered ones included. */
  due: number;
  /** Of these, those that the usual filter lets through. */
  dueVisible: number;
  /** Of these, those that were never delivered. */
  unserved: number;
  /** Deliveries, repeated ones included. */
  served: number;
  /** Distinct positions delivered. */
  servedEvents: number;
  /** Distinct ids delivered (an event without an id counts nowhere here). */
  unique: number;
  /** Delivered events that have the id of an earlier one and another body. */
  conflicts: number;
  /** Delivered events that repeat an earlier one byte for byte. */
  duplicates: number;
  /** Delivered events without an id that is text and not empty. */
  withoutId: number;
}

const CHUNK = 65_536;

/** Deliveries of a block of neighbouring positions. */
interface Chunk {
  served: Uint32Array;
  /** A bit for each shape, in the order of `AUDIT_SHAPES`; what went out broken leaves its bit. */
  shapes: Uint8Array;
  firstServedAt: Float64Array;
}

/** Everything that was delivered: 13 bytes of memory an event, and a file where a directory is given. */
export class Ledger {
  readonly #stream: AuditStream;
  readonly #renditions: Renditions;
  readonly #file: LedgerFile | null;
  readonly #chunks: (Chunk | undefined)[] = [];
  #served = 0;
  #servedEvents = 0;
  #servedVisible = 0;

  constructor(stream: AuditStream, renditions: Renditions, dataDir: string | null) {
    this.#stream = stream;
    this.#renditions = renditions;
    this.#file = dataDir === null ? null : new LedgerFile(join(dataDir, 'ledger.ndjson'));
    for (const line of this.#file?.lines ?? []) {
      for (const [from, to] of line.n) {
        for (let n = from; n <= to; n++) {
          if (line.lost) this.#uncount(n);
          else this.#count(n, line.at, line.as ?? 'guide');
        }
      }
    }
  }

  /** Records a page that is about to be delivered. */
  record(positions: readonly number[], atMs: number, shape: AuditShape = 'guide'): void {
    if (positions.length === 0) return;
    this.#file?.append({ at: atMs, n: toRanges(positions), ...asOf(shape) });
    for (const n of positions) this.#count(n, atMs, shape);
  }

  /** Takes back the record of a page that did not go out whole. */
  withdraw(positions: readonly number[], atMs: number, shape: AuditShape = 'guide'): void {
    if (positions.length === 0) return;
    this.#file?.append({ at: atMs, n: toRanges(positions), ...asOf(shape), lost: true });
    for (const n of positions) this.#uncount(n);
  }

  timesServed(n: number): number {
    return this.#chunks[Math.floor(n / CHUNK)]?.served[n % CHUNK] ?? 0;
  }

  /** The event at a position below the head; id, date and text are those of a shape. */
  event(n: number, withSource: boolean, shape: AuditShape = 'guide'): LedgerEvent {
    const { source, id, date } = this.#renditions.rendition(n, shape);
    const odd = this.#stream.oddMark(n);
    const chunk = this.#chunks[Math.floor(n / CHUNK)];
    const first = chunk?.firstServedAt[n % CHUNK] ?? 0;
    const shapes = chunk?.shapes[n % CHUNK] ?? 0;
    return {
      n,
      id: textOf(id),
      date: textOf(date),
      positionedAt: new Date(this.#stream.schedule.entry(n).dateMs).toISOString(),
      sha256: hash('sha256', source, 'hex'),
      served: this.timesServed(n),
      shapes: AUDIT_SHAPES.filter((_, bit) => (shapes & (1 << bit)) !== 0),
      firstServedAt: first === 0 ? null : first,
      filtered: this.#stream.isHidden(n),
      tags: odd === null ? [] : [odd.tag],
      of: odd?.of ?? null,
      ...(withSource ? { source } : {}),
    };
  }

  summary(head: number): LedgerSummary {
    const { regularOrdinal, odd } = this.#stream.schedule.countUpTo(head);
    const dueVisible = visibleBefore(this.#stream.seed, regularOrdinal) + odd.length;
    const hasId = (n: number) => textOf(this.#stream.event(n).fields?.id) !== null;
    const delivered = odd
      .filter(({ position }) => this.timesServed(position) > 0)
      .map(({ position }) => ({ position, mark: this.#stream.oddMark(position) }));
    const withoutId = delivered.filter(
      ({ position, mark }) => mark?.kind === 'wrong-shape' && !hasId(position),
    ).length;
    // A repeated id counts once, even where the event that had it first was not delivered.
    const repeated = delivered.flatMap(({ mark }) => mark?.of ?? []);
    const firstHolders = new Set(repeated.filter((n) => this.timesServed(n) === 0));
    return {
      due: head,
      dueVisible,
      unserved: dueVisible - this.#servedVisible,
      served: this.#served,
      servedEvents: this.#servedEvents,
      unique: this.#servedEvents - withoutId - repeated.length + firstHolders.size,
      conflicts: delivered.filter(({ mark }) => mark?.kind === 'id-conflict').length,
      duplicates: delivered.filter(({ mark }) => mark?.kind === 'duplicate').length,
      withoutId,
    };
  }

  close(): void {
    this.#file?.close();
  }

  #count(n: number, atMs: number, shape: AuditShape): void {
    const index = Math.floor(n / CHUNK);
    let chunk = this.#chunks[index];
    if (chunk === undefined) {
      chunk = {
        served: new Uint32Array(CHUNK),
        shapes: new Uint8Array(CHUNK),
        firstServedAt: new Float64Array(CHUNK),
      };
      this.#chunks[index] = chunk;
    }
    const before = chunk.served[n % CHUNK] ?? 0;
    chunk.served[n % CHUNK] = before + 1;
    chunk.shapes[n % CHUNK] = (chunk.shapes[n % CHUNK] ?? 0) | (1 << AUDIT_SHAPES.indexOf(shape));
    this.#served += 1;
    if (before > 0) return;
    chunk.firstServedAt[n % CHUNK] = atMs;
    this.#servedEvents += 1;
    if (!this.#stream.isHidden(n)) this.#servedVisible += 1;
  }

  #uncount(n: number): void {
    const chunk = this.#chunks[Math.floor(n / CHUNK)];
    const before = chunk?.served[n % CHUNK] ?? 0;
    if (chunk === undefined || before === 0) return;
    chunk.served[n % CHUNK] = before - 1;
    this.#served -= 1;
    if (before > 1) return;
    chunk.shapes[n % CHUNK] = 0;
    chunk.firstServedAt[n % CHUNK] = 0;
    this.#servedEvents -= 1;
    if (!this.#stream.isHidden(n)) this.#servedVisible -= 1;
  }
}

function asOf(shape: AuditShape): { as?: PlatformShape } {
  return shape === 'guide' ? {} : { as: shape };
}

function toRanges(positions: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const n of positions) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === n) last[1] = n;
    else ranges.push([n, n]);
  }
  return ranges;
}

/** The value of a JSON text where it is a string that is not empty. */
function textOf(json: string | null | undefined): string | null {
  const value: unknown = json ? JSON.parse(json) : null;
  return typeof value === 'string' && value !== '' ? value : null;
}
