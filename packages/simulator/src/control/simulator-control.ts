import type { OddEventInput, OddKind } from '../audit/odd-event.ts';
import type { FaultInput } from '../faults/fault.ts';
import type { PlannedFault } from '../faults/fault-plan.ts';
import type { LedgerEvent } from '../ledger/ledger.ts';
import type { LoggedRequest } from '../request-log.ts';
import type {
  ClockChange,
  SimulatorState,
  SimulatorSummary,
  StreamChange,
  StreamChanged,
} from './control-types.ts';

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

  async expireCursors(): Promise<void> {
    await this.#call('POST', 'cursors/expire', {});
  }

  /** The latest requests (at most 1,000) with a seq above `after`. */
  requests(after = 0): Promise<LoggedRequest[]> {
    return this.#call('GET', `requests?after=${after}`);
  }

  /** Everything that stands in the stream, in order: served or not, filtered or not. */
  async *events(
    query: { after?: number; limit?: number; source?: boolean } = {},
  ): AsyncGenerator<LedgerEvent> {
    const search = new URLSearchParams();
    if (query.after !== undefined) search.set('after', String(query.after));
    if (query.limit !== undefined) search.set('limit', String(query.limit));
    if (query.source) search.set('source', '1');
    const response = await this.#fetch('GET', `ledger/events?${search}`);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body ?? []) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield JSON.parse(line) as LedgerEvent;
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
