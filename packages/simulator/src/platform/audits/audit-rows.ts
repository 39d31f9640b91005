import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditStream } from '../../audit/stream.ts';
import type { Interval } from '../interval.ts';
import type { AuditSettings } from './audit-settings.ts';
import { type AuditView, Lateness } from './lateness.ts';
import type { AuditFacts, Renditions } from './renditions.ts';
import { SERVICES } from './services.ts';

export const FILTER_PROPERTIES = [
  'UserId',
  'TrusteeOrganizationId',
  'ClientId',
  'Action',
  'EntityType',
  'EntityId',
] as const;

/** Which rows a query is for. */
export interface RowQuery {
  interval: Interval;
  serviceName: string | null;
  filters: readonly { property: (typeof FILTER_PROPERTIES)[number]; value: string }[];
}

const SERVICE_CHUNK = 65_536;
/** Rows looked at before other requests get a turn. */
const TURN = 2_000;

/** Finds the rows of a query: positions, oldest first. */
export class AuditRows {
  readonly #stream: AuditStream;
  readonly #renditions: Renditions;
  readonly #lateness: Lateness;
  readonly #settings: AuditSettings;
  /** One byte a position says which service it stands in: 0 = not looked at yet, 1 = none, 2 = the first of all. */
  readonly #services: (Uint8Array | undefined)[] = [];

  constructor(stream: AuditStream, renditions: Renditions, settings: AuditSettings) {
    this.#stream = stream;
    this.#renditions = renditions;
    this.#lateness = new Lateness(stream, settings);
    this.#settings = settings;
  }

  /**
   * The rows that a query finds at a moment of the simulator's clock.
   * @param view realtime does not have every service
   */
  async find(query: RowQuery, atMs: number, view: AuditView): Promise<number[]> {
    const { schedule } = this.#stream;
    const head = schedule.head(atMs);
    // Dates are served to the second.
    const first = schedule.firstSince(wholeSecond(query.interval.fromMs), head);
    const end = schedule.firstSince(wholeSecond(query.interval.toMs), head);
    const hidden = new Set(view === 'realtime' ? this.#settings.historyOnly.map(numberOf) : []);
    const wanted = query.serviceName === null ? null : numberOf(query.serviceName);
    const rows: number[] = [];
    for (let n = first; n < end; n++) {
      if ((n - first) % TURN === TURN - 1) await nextTurn();
      const service = this.#serviceAt(n);
      if (hidden.has(service) || (wanted !== null && wanted !== service)) continue;
      if (!this.#isShown(n, atMs, view)) continue;
      if (query.filters.length > 0 && !meets(this.#renditions.facts(n), query.filters)) continue;
      rows.push(n);
    }
    return rows;
  }

  /** Rows that exist at a moment of the simulator's clock but are not shown yet, wherever a client could see them first. */
  *notShown(atMs: number): Generator<number> {
    const { schedule } = this.#stream;
    const head = schedule.head(atMs);
    const hidden = new Set(this.#settings.historyOnly.map(numberOf));
    for (let n = schedule.firstSince(this.#lateness.certainMs(atMs, 'history'), head); n < head; n++) {
      if (!this.#isShown(n, atMs, hidden.has(this.#serviceAt(n)) ? 'history' : 'realtime')) yield n;
    }
  }

  #isShown(n: number, atMs: number, view: AuditView): boolean {
    const certainMs = this.#lateness.certainMs(atMs, view);
    if (this.#stream.schedule.appearedMs(n) <= certainMs) return true;
    return this.#lateness.visibleMs(n, view) <= atMs;
  }

  #serviceAt(n: number): number {
    const index = Math.floor(n / SERVICE_CHUNK);
    let chunk = this.#services[index];
    if (chunk === undefined) {
      chunk = new Uint8Array(SERVICE_CHUNK);
      this.#services[index] = chunk;
    }
    const known = chunk[n % SERVICE_CHUNK] as number;
    if (known > 0) return known;
    const number = numberOf(this.#renditions.facts(n)?.serviceName ?? '');
    chunk[n % SERVICE_CHUNK] = number;
    return number;
  }
}

/** 1 = it is none of the usual services. */
function numberOf(serviceName: string): number {
  return SERVICES.indexOf(serviceName) + 2;
}

function wholeSecond(ms: number): number {
  return Math.ceil(ms / 1000) * 1000;
}

function meets(facts: AuditFacts | null, filters: RowQuery['filters']): boolean {
  return filters.every(({ property, value }) => facts !== null && factOf(facts, property) === value);
}

function factOf(facts: AuditFacts, property: (typeof FILTER_PROPERTIES)[number]): string | null {
  switch (property) {
    case 'UserId':
      return facts.userId;
    case 'ClientId':
      return facts.clientId;
    case 'Action':
      return facts.action;
    case 'EntityType':
      return facts.entityType;
    case 'EntityId':
      return facts.entityId;
    case 'TrusteeOrganizationId':
      return null;
    default:
      return property satisfies never;
  }
}
