import type { FaultKind } from './faults/fault.ts';
import { FAULT_ROUTES, type FaultRoute } from './faults/fault-route.ts';
import type { Outcome } from './http/send.ts';

/** A request to the service (not to the control API), as it ended. */
export interface LoggedRequest {
  /** 1, 2, 3, ... since this process started. */
  seq: number;
  /** Arrival, epoch ms of the host's clock. */
  at: number;
  route: FaultRoute | null;
  method: string;
  path: string;
  outcome: Outcome;
  /** Faults that struck it. */
  faults: FaultKind[];
  /** Of a poll that got as far as the stream; null otherwise. */
  poll: { cursor: boolean; events: number; drained: boolean } | null;
}

export interface RequestCounts {
  /** Polls that reached the stream. */
  polls: number;
  pollsWithoutCursor: number;
  /** Requests by status; `broken` = the client did not get the whole reply. */
  requestsByStatus: Record<string, number>;
  /** Arrivals by second of the host's clock (epoch seconds), oldest first; at most the last hour. */
  requestsPerSecond: ({ second: number } & Record<FaultRoute, number>)[];
}

const NONE = Object.fromEntries(FAULT_ROUTES.map((route) => [route, 0])) as Record<FaultRoute, number>;
const KEPT_REQUESTS = 1000;
const KEPT_SECONDS = 3600;

/** What this process was asked. Kept in memory, bounded; a restart begins anew. */
export class RequestLog {
  #seq = 0;
  #polls = 0;
  #pollsWithoutCursor = 0;
  readonly #byStatus = new Map<string, number>();
  readonly #seconds: RequestCounts['requestsPerSecond'] = [];
  readonly #latest: LoggedRequest[] = [];

  arrived(route: FaultRoute, atMs: number): void {
    const second = Math.floor(atMs / 1000);
    let bucket = this.#seconds.at(-1);
    if (bucket?.second !== second) {
      bucket = { second, ...NONE };
      this.#seconds.push(bucket);
      if (this.#seconds.length > KEPT_SECONDS) this.#seconds.shift();
    }
    bucket[route] += 1;
  }

  ended(request: Omit<LoggedRequest, 'seq'>): void {
    this.#seq += 1;
    this.#latest.push({ seq: this.#seq, ...request });
    if (this.#latest.length > KEPT_REQUESTS) this.#latest.shift();
    const status = String(request.outcome);
    this.#byStatus.set(status, (this.#byStatus.get(status) ?? 0) + 1);
    if (request.poll === null) return;
    this.#polls += 1;
    if (!request.poll.cursor) this.#pollsWithoutCursor += 1;
  }

  counts(): RequestCounts {
    return {
      polls: this.#polls,
      pollsWithoutCursor: this.#pollsWithoutCursor,
      requestsByStatus: Object.fromEntries(this.#byStatus),
      requestsPerSecond: this.#seconds,
    };
  }

  /** The latest requests with a seq above `after`, oldest first. */
  since(after: number): LoggedRequest[] {
    return this.#latest.filter(({ seq }) => seq > after);
  }
}
