import { randomUUID } from 'node:crypto';
import type { World } from '../../world.ts';
import type { AuditRows, RowQuery } from './audit-rows.ts';
import type { AuditSettings } from './audit-settings.ts';

/** A history query as it is kept with the world. Times in epoch ms of the simulator's clock. */
export interface SavedQuery {
  id: string;
  submittedMs: number;
  readyMs: number;
  forgottenMs: number;
  fate: 'succeeds' | 'fails';
  query: RowQuery;
  /** As asked for; null = no wish. */
  sortOrder: 'ascending' | 'descending' | null;
}

export type QueryState = 'Queued' | 'Running' | 'Succeeded' | 'Failed';

/** Older ones are forgotten before their time. */
const KEPT_QUERIES = 200;
/** Results that are kept; others are found again when they are asked for. */
const KEPT_RESULTS = 4;

/**
 * The history queries of the organisation: one at a time, each over the rows that can be seen when it is ready.
 *
 * They are kept with the world, so a transaction outlives a restart of the simulator.
 */
export class HistoryQueries {
  readonly #world: World;
  readonly #rows: AuditRows;
  readonly #settings: AuditSettings;
  readonly #results = new Map<string, Promise<number[]>>();

  constructor(world: World, rows: AuditRows, settings: AuditSettings) {
    this.#world = world;
    this.#rows = rows;
    this.#settings = settings;
  }

  /** Begins a query; null where another one is running. */
  submit(query: RowQuery, sortOrder: SavedQuery['sortOrder']): SavedQuery | null {
    const now = this.#world.clock.now();
    const known = this.#known(now);
    if (known.some(({ readyMs, fate }) => fate === 'succeeds' && readyMs > now)) return null;
    const saved: SavedQuery = {
      id: randomUUID(),
      submittedMs: now,
      readyMs: now + this.#settings.querySeconds * 1000,
      forgottenMs: now + this.#settings.queryKeptSeconds * 1000,
      fate: 'succeeds',
      query,
      sortOrder,
    };
    this.#keep([...known, saved]);
    return saved;
  }

  /** Null where there is none of this id (any more). */
  find(id: string): SavedQuery | null {
    return this.#known(this.#world.clock.now()).find((query) => query.id === id) ?? null;
  }

  stateOf({ submittedMs, readyMs, fate }: SavedQuery): QueryState {
    const now = this.#world.clock.now();
    if (fate === 'fails') return 'Failed';
    if (now >= readyMs) return 'Succeeded';
    return now - submittedMs < (readyMs - submittedMs) / 4 ? 'Queued' : 'Running';
  }

  fail(id: string): void {
    const known = this.#known(this.#world.clock.now());
    this.#keep(known.map((query) => (query.id === id ? { ...query, fate: 'fails' } : query)));
  }

  forget(id: string): void {
    this.#results.delete(id);
    this.#keep(this.#known(this.#world.clock.now()).filter((query) => query.id !== id));
  }

  /** The rows of a query that has succeeded, in the order asked for (newest first where none was). */
  rows(saved: SavedQuery): Promise<number[]> {
    const known = this.#results.get(saved.id);
    if (known !== undefined) return known;
    const found = this.#rows
      .find(saved.query, saved.readyMs, 'history')
      .then((rows) => (saved.sortOrder === 'ascending' ? rows : rows.reverse()));
    this.#results.set(saved.id, found);
    for (const oldest of this.#results.keys()) {
      if (this.#results.size <= KEPT_RESULTS) break;
      this.#results.delete(oldest);
    }
    return found;
  }

  #known(now: number): SavedQuery[] {
    return this.#world.auditQueries.filter(({ forgottenMs }) => forgottenMs > now);
  }

  #keep(queries: SavedQuery[]): void {
    this.#world.auditQueries = queries.slice(-KEPT_QUERIES);
    this.#world.save();
  }
}
