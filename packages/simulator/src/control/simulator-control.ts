import type { ArchivePage } from '../archive/archive-control.ts';
import type { ArchiveSummary, LedgerConversation, LedgerPersonalDatum } from '../archive/archive-ledger.ts';
import type { ArchiveChange, MediaType, SavedArchive } from '../archive/archive-settings.ts';
import type { DeliveredWindow, Download } from '../archive/download-log.ts';
import type { OddEventInput, OddKind } from '../audit/odd-event.ts';
import type { EventBridgeSummary, ReceivedEvent } from '../event-bridge/event-bridge.ts';
import type { FaultInput } from '../faults/fault.ts';
import type { PlannedFault } from '../faults/fault-plan.ts';
import type { LedgerEvent } from '../ledger/ledger.ts';
import type { AuditChange, AuditSettings } from '../platform/audits/audit-settings.ts';
import type { AuditShape } from '../platform/audits/audit-shape.ts';
import type { LoggedRequest } from '../request-log.ts';
import type {
  ClockChange,
  RateLimitChange,
  SimulatorState,
  SimulatorSummary,
  StreamChange,
  StreamChanged,
} from './control-types.ts';

/** [from, to) in ISO 8601, of some media types or all; or all windows that were delivered whole. */
export type ArchiveRange = { from: string; to: string; media?: MediaType[] } | { served: true };

/**
 * Whose rendition of the conversations: the guide's by default; of the platform's (with `from` and `to`), each is all that
 * its calls answer, in one document, and `attributes` adds what rows of jobs have.
 */
export interface ArchiveRendition {
  contract?: 'guide' | 'platform';
  attributes?: boolean;
}

/** Speaks the control API of a running simulator. Every method rejects with the simulator's message when it refuses. */
export class SimulatorControl {
  readonly #base: string;

  /** @param url as printed in `simulator.listening` */
  constructor(url: string) {
    this.#base = `${url.replace(/\/$/, '')}/_simulator/`;
  }

  state(): Promise<SimulatorState> {
    return this.#call('GET', 'state');
  }

  summary(): Promise<SimulatorSummary> {
    return this.#call('GET', 'ledger/summary');
  }

  /** Plans faults; their ids. */
  async addFaults(...faults: FaultInput[]): Promise<number[]> {
    return (await this.#call<{ ids: number[] }>('POST', 'faults', faults)).ids;
  }

  faults(): Promise<PlannedFault[]> {
    return this.#call('GET', 'faults');
  }

  /** Drops one fault, or all. */
  async clearFaults(id?: number): Promise<void> {
    await this.#call('DELETE', id === undefined ? 'faults' : `faults?id=${id}`);
  }

  changeClock(change: ClockChange): Promise<SimulatorState> {
    return this.#call('POST', 'clock', change);
  }

  changeStream(change: StreamChange): Promise<StreamChanged> {
    return this.#call('POST', 'stream', change);
  }

  /** Adds events that the usual filter lets through. */
  addEvents(count: number): Promise<StreamChanged> {
    return this.changeStream({ addEvents: count });
  }

  /** Puts odd events at the head; their positions. */
  async addOdd(...odd: (OddKind | OddEventInput)[]): Promise<number[]> {
    return (await this.changeStream({ odd })).odd;
  }

  /** Permissions that the client's role lacks from now on; none = all is granted. */
  async setMissingPermissions(...missing: string[]): Promise<void> {
    await this.#call('POST', 'permission', { missing });
  }

  async revokeTokens(): Promise<void> {
    await this.#call('POST', 'tokens/revoke', {});
  }

  /** Changes how the audits of the platform are served; the new settings. */
  changeAudits(change: AuditChange): Promise<AuditSettings> {
    return this.#call('POST', 'audits', change);
  }

  /** Changes what the platform's routes allow a client a minute, and how they tell it. */
  async changeRateLimit(change: RateLimitChange): Promise<void> {
    await this.#call('POST', 'rate-limit', change);
  }

  /** Every presigned link issued so far has expired. */
  async expireLinks(): Promise<void> {
    await this.#call('POST', 'links/expire', {});
  }

  async expireCursors(): Promise<void> {
    await this.#call('POST', 'cursors/expire', {});
  }

  /** The latest requests (at most 1,000) with a seq above `after`. */
  requests(after = 0): Promise<LoggedRequest[]> {
    return this.#call('GET', `requests?after=${after}`);
  }

  /** What the archives hold, and how it is served. */
  archive(): Promise<SavedArchive> {
    return this.#call('GET', 'archive');
  }

  /** Changes that; the new settings. */
  changeArchive(change: ArchiveChange): Promise<SavedArchive> {
    return this.#call('POST', 'archive', change);
  }

  /** Windows of which pages were delivered to their end. */
  archiveWindows(): Promise<DeliveredWindow[]> {
    return this.#call('GET', 'archive/windows');
  }

  /** The latest replies with an archive's body (at most 1,000) with a seq above `after`. */
  downloads(after = 0): Promise<Download[]> {
    return this.#call('GET', `archive/downloads?after=${after}`);
  }

  /** What a query would be answered now: sizes and digest. Computes them, so that the query finds them ready. */
  archivePage(query: {
    from: string;
    to: string;
    media?: MediaType[];
    size?: number;
    page?: number;
  }): Promise<ArchivePage> {
    return this.#call('GET', `archive/page?${searchOf(query)}`);
  }

  /** Counts of the conversations of a window, or of all delivered windows. */
  archiveSummary(range: ArchiveRange): Promise<ArchiveSummary> {
    return this.#call('GET', `archive/summary?${searchOf(range)}`);
  }

  /** The conversations of a window, or of all delivered windows, by start. */
  conversations(
    query: ArchiveRange & ArchiveRendition & { source?: boolean; data?: boolean },
  ): AsyncGenerator<LedgerConversation> {
    return this.#lines(`archive/conversations?${searchOf(query)}`);
  }

  /** One conversation with source and personal data. */
  conversation(id: string): Promise<LedgerConversation> {
    return this.#call('GET', `archive/conversations/${encodeURIComponent(id)}`);
  }

  /**
   * The personal data of a window's conversations, or of all delivered windows'.
   * `claimed`: only forms that the redaction engine claims (true) or not (false); `distinct`: each writing once.
   */
  async *personalData(
    query: ArchiveRange & ArchiveRendition & { claimed?: boolean; distinct?: boolean },
  ): AsyncGenerator<LedgerPersonalDatum> {
    const { claimed, ...rest } = query;
    const search = searchOf(rest);
    if (claimed !== undefined) search.set('claimed', claimed ? '1' : '0');
    yield* this.#lines<LedgerPersonalDatum>(`archive/personal-data?${search}`);
  }

  /** Completion events that came, with a seq above `after`, in order. */
  completionEvents(after = 0): Promise<ReceivedEvent[]> {
    return this.#call('GET', `event-bridge/events?after=${after}`);
  }

  completionSummary(): Promise<EventBridgeSummary> {
    return this.#call('GET', 'event-bridge/summary');
  }

  /**
   * Everything that stands in the stream, in order: served or not, filtered or not.
   * @param query.shape whose id, date and text are told; default: the guide's
   */
  async *events(
    query: { after?: number; limit?: number; source?: boolean; shape?: AuditShape } = {},
  ): AsyncGenerator<LedgerEvent> {
    const search = new URLSearchParams();
    if (query.after !== undefined) search.set('after', String(query.after));
    if (query.limit !== undefined) search.set('limit', String(query.limit));
    if (query.source) search.set('source', '1');
    if (query.shape !== undefined) search.set('shape', query.shape);
    yield* this.#lines<LedgerEvent>(`ledger/events?${search}`);
  }

  async *#lines<Line>(path: string): AsyncGenerator<Line> {
    const response = await this.#fetch('GET', path);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as Line;
    }
  }

  async #call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    return (await (await this.#fetch(method, path, body)).json()) as Answer;
  }

  async #fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.#base}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
      const { message } = (await response.json()) as { message: string };
      throw new Error(`${method} ${path}: ${response.status}: ${message}`);
    }
    return response;
  }
}

function searchOf(query: object): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === false) continue;
    search.set(name, value === true ? '1' : String(value));
  }
  return search;
}
