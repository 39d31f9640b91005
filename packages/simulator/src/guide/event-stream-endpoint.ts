import type { AuditStream } from '../audit/stream.ts';
import { NoEarlierEvent } from '../audit/stream.ts';
import type { Strike } from '../faults/fault-plan.ts';
import { errorReply, forbiddenReply, methodNotAllowed } from '../http/error-reply.ts';
import { mediaType, type ReceivedRequest } from '../http/received-request.ts';
import type { Reply } from '../http/reply.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AccessTokens } from '../login/access-tokens.ts';
import { bearerRefusal, isArchivePermission, revokeAllTokens } from '../login/bearer.ts';
import type { LoggedRequest } from '../request-log.ts';
import type { World } from '../world.ts';
import type { CursorBook } from './cursor.ts';
import { type EventStreamRequest, parseRequest } from './event-stream-request.ts';
import { collectPage, eventsBefore, type Page, shorten } from './page.ts';
import { WrittenPages } from './written-pages.ts';

export interface EventStreamSettings {
  windowMs: number;
  /** Lifetime of a cursor; null = until the window has passed it. */
  cursorMs: number | null;
  expiredCursorStatus: 400 | 410;
}

export interface EventStreamAnswer {
  reply: Reply;
  poll: LoggedRequest['poll'];
}

/** Where a poll starts: at a position, or not at all. */
type Start = { kind: 'at'; position: number } | { kind: 'refused'; reply: Reply };

/** Cursors whose tail was delivered under `null-once`; older ones are forgotten and their tail comes again. */
const REMEMBERED_TAILS = 10_000;

/** `POST /api/v2/eventstreams`: the audit event stream of the guide contract. */
export class EventStreamEndpoint {
  readonly #settings: EventStreamSettings;
  readonly #world: World;
  readonly #stream: AuditStream;
  readonly #ledger: Ledger;
  readonly #tokens: AccessTokens;
  readonly #cursors: CursorBook;
  readonly #hostNow: () => number;
  /** `null-once`: how far the tail behind a cursor was delivered. */
  readonly #deliveredTails = new Map<string, number>();
  readonly #writtenPages: WrittenPages;
  /** Head that the last delivered page reached; null = it reached none. */
  #drainedAt: number | null = null;

  constructor(
    settings: EventStreamSettings,
    parts: { world: World; stream: AuditStream; ledger: Ledger; tokens: AccessTokens; cursors: CursorBook },
    hostNow: () => number,
  ) {
    this.#settings = settings;
    this.#world = parts.world;
    this.#stream = parts.stream;
    this.#ledger = parts.ledger;
    this.#tokens = parts.tokens;
    this.#cursors = parts.cursors;
    this.#hostNow = hostNow;
    this.#writtenPages = new WrittenPages(parts.stream);
  }

  /** True where the last page delivered went to the end of the stream and nothing was added since. */
  get drained(): boolean {
    return this.#drainedAt === this.#stream.schedule.head(this.#world.clock.now());
  }

  answer(received: ReceivedRequest, strike: Strike): EventStreamAnswer {
    const refusal = this.#refuse(received, strike);
    if (refusal !== null) return { reply: refusal, poll: null };

    const parsed = parseRequest(received.body ?? Buffer.alloc(0));
    if (!parsed.ok) return { reply: errorReply(400, 'bad.request', parsed.problem), poll: null };
    const { request } = parsed;

    const start = this.#start(request, strike);
    if (start.kind === 'refused') return { reply: start.reply, poll: null };
    return this.#page(request, start.position, strike);
  }

  #refuse(received: ReceivedRequest, strike: Strike): Reply | null {
    if (received.method !== 'POST') {
      return methodNotAllowed('POST');
    }
    const unauthorized = bearerRefusal(received, strike, this.#tokens, this.#world);
    if (unauthorized !== null) return unauthorized;
    const forbidden = strike.take('forbidden');
    if (forbidden) return forbiddenReply([forbidden.permission ?? 'EventStreams:View']);
    const missing = this.#world.missingPermissions.filter((name) => !isArchivePermission(name));
    if (missing.length > 0) return forbiddenReply(missing);
    if (mediaType(received) !== 'application/json') {
      return errorReply(415, 'unsupported.media.type', 'The request body must be application/json.');
    }
    if (received.body === null) {
      return errorReply(413, 'payload.too.large', 'The request body is larger than 512000 bytes.');
    }
    return null;
  }

  revokeTokens(): void {
    revokeAllTokens(this.#world);
  }

  expireCursors(): void {
    this.#world.cursorGeneration += 1;
    this.#world.save();
  }

  #start({ cursor: text }: EventStreamRequest, strike: Strike): Start {
    const now = this.#world.clock.now();
    const head = this.#stream.schedule.head(now);
    const windowStart = this.#stream.schedule.firstSince(now - this.#settings.windowMs, head);
    if (text === undefined) return { kind: 'at', position: windowStart };

    const fault = strike.take('expired-cursor');
    if (fault) {
      this.expireCursors();
      return { kind: 'refused', reply: expiredReply(fault.status) };
    }
    const cursor = this.#cursors.read(text);
    if (cursor === null || cursor.position > head) {
      return { kind: 'refused', reply: errorReply(400, 'invalid.cursor', 'The cursor is not valid.') };
    }
    const { cursorMs, expiredCursorStatus } = this.#settings;
    const outlived = cursorMs !== null && now - cursor.issuedMs > cursorMs;
    // A cursor expires with the first event behind it that leaves the window: reading on would skip it in silence.
    if (outlived || cursor.generation !== this.#world.cursorGeneration || cursor.position < windowStart) {
      return { kind: 'refused', reply: expiredReply(expiredCursorStatus) };
    }
    return { kind: 'at', position: cursor.position };
  }

  #page(request: EventStreamRequest, start: number, strike: Strike): EventStreamAnswer {
    const { cursor, filters, limit } = request;
    const now = this.#world.clock.now();
    if (strike.take('id-conflict')) this.#insertConflict(now);

    const once = this.#world.tail === 'null-once';
    const from = once ? Math.max(start, this.#deliveredTails.get(cursor ?? '') ?? start) : start;
    const head = this.#stream.schedule.head(now);
    const written = this.#writtenPages.find(from, limit, filters);
    let page: Page = written?.page ?? collectPage(this.#stream, from, head, limit, filters);

    if (strike.take('empty-page')) page = { positions: [], end: from, reachedHead: false };
    const grows = page.positions.length > 1 ? strike.take('page-grew') : null;
    if (grows) page = shorten(page, grows.events ?? Math.floor(page.positions.length / 2));

    const has = page.positions.length > 0;
    const before = has ? strike.take('duplicates-across-pages') : null;
    const repeated = before
      ? eventsBefore(this.#stream, start, Math.min(before.count, limit - 1), filters)
      : [];
    const inside = has ? strike.take('duplicates-in-page') : null;
    const twice = inside ? Math.min(inside.count, Math.floor(limit / 2)) : 0;
    if (repeated.length + twice > 0) page = shorten(page, Math.max(1, limit - repeated.length - twice));
    const positions = [...repeated, ...page.positions.flatMap((n, index) => (index < twice ? [n, n] : [n]))];

    const next = (): string =>
      this.#cursors.issue({ position: page.end, issuedMs: now, generation: this.#world.cursorGeneration });
    let nextCursor: string | null;
    if (grows || (has && strike.take('null-cursor'))) nextCursor = null;
    else if (has && strike.take('repeated-cursor')) {
      nextCursor =
        cursor ??
        this.#cursors.issue({ position: start, issuedMs: now, generation: this.#world.cursorGeneration });
    } else if (!page.reachedHead) nextCursor = next();
    else if (this.#world.tail === 'cursor' && page.end > start) nextCursor = next();
    else nextCursor = null;

    const missing = strike.take('missing-cursor') !== null;
    const padding = strike.take('huge-page')?.bytes ?? null;
    const opening = openReply(missing ? undefined : nextCursor);
    const asWritten =
      written !== null && page === written.page && repeated.length + twice === 0 && padding === null;
    const body = asWritten
      ? Buffer.concat([Buffer.from(opening), written.events, closing])
      : this.#write(positions, opening, padding);
    const deliver = () => {
      const at = this.#hostNow();
      this.#ledger.record(positions, at);
      return (whole: boolean) => {
        if (!whole) return this.#ledger.withdraw(positions, at);
        this.#drainedAt = page.reachedHead ? head : null;
        if (once && nextCursor === null) this.#rememberTail(cursor ?? '', page.end);
      };
    };
    return {
      reply: {
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body,
        // Without its cursor a page is no answer under the contract, so its events count as not delivered.
        ...(missing ? {} : { deliver }),
      },
      poll: { cursor: cursor !== undefined, events: positions.length, drained: page.reachedHead },
    };
  }

  /** Writes the full pages behind a position before they are asked for. */
  writePages(from: number): void {
    this.#writtenPages.write(from, this.#stream.schedule.head(this.#world.clock.now()));
  }

  #write(positions: readonly number[], opening: string, bytes: number | null): Buffer {
    const texts = positions.map((n) => this.#stream.event(n).source);
    const plain = texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, opening.length + 2);
    const gap = bytes === null ? 0 : Math.max(0, Math.ceil((bytes - plain) / Math.max(1, texts.length)));
    const space = ' '.repeat(gap);
    const body = Buffer.allocUnsafe(plain + gap * Math.max(1, texts.length));
    let at = body.write(opening);
    for (const [index, text] of texts.entries()) {
      if (index > 0) at += body.write(`,${space}`, at, 'latin1');
      at += body.write(text, at);
    }
    at += body.write(`${space}]}`, at, 'latin1');
    return body.subarray(0, at);
  }

  #insertConflict(now: number): void {
    try {
      this.#stream.insert({ kind: 'id-conflict' }, now);
      this.#world.save();
    } catch (error) {
      // An empty stream has no event to contradict; the poll goes on without.
      if (!(error instanceof NoEarlierEvent)) throw error;
    }
  }

  #rememberTail(cursor: string, end: number): void {
    this.#deliveredTails.delete(cursor);
    this.#deliveredTails.set(cursor, end);
    for (const oldest of this.#deliveredTails.keys()) {
      if (this.#deliveredTails.size <= REMEMBERED_TAILS) break;
      this.#deliveredTails.delete(oldest);
    }
  }
}

function openReply(nextCursor: string | null | undefined): string {
  return nextCursor === undefined ? '{"events":[' : `{"nextCursor":${JSON.stringify(nextCursor)},"events":[`;
}

const closing = Buffer.from(']}');

function expiredReply(status: number): Reply {
  return errorReply(
    status,
    'cursor.expired',
    'The cursor has expired. Call without a cursor to start at the beginning of the replay window.',
  );
}
