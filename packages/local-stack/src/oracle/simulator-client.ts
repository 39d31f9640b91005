/** The part of the simulator's control API that `npm start` uses (packages/simulator, `/_simulator/`). */

export interface LedgerSummary {
  /** Events that exist now and that the usual filter lets through. */
  dueVisible: number;
  /** Of these, those that were never delivered. */
  unserved: number;
  /** Deliveries, repeated ones included. */
  served: number;
  servedEvents: number;
  unique: number;
  conflicts: number;
  duplicates: number;
  withoutId: number;
}

export interface LedgerEvent {
  n: number;
  id: string | null;
  /** SHA-256 of the exact source text, hex. */
  sha256: string;
  /** How often it was delivered. */
  served: number;
}

/** Asks a running simulator. Every call throws where it does not answer within its time. */
export class SimulatorClient {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async summary(): Promise<LedgerSummary> {
    return (await this.#get('ledger/summary', 10_000)).json() as Promise<LedgerSummary>;
  }

  /** Whether every event is out: no more comes by itself, and the last page delivered went to the end. */
  async drained(): Promise<boolean> {
    const state = (await (await this.#get('state', 10_000)).json()) as {
      complete: boolean;
      drained: boolean;
    };
    return state.complete && state.drained;
  }

  /** Every event of the ledger in order, in blocks that fit into memory. */
  async *events(blockSize = 5_000): AsyncGenerator<LedgerEvent[]> {
    for (let after = -1; ; ) {
      const answer = await this.#get(`ledger/events?after=${after}&limit=${blockSize}`, 120_000);
      const lines = (await answer.text()).split('\n').filter((line) => line !== '');
      const block = lines.map((line) => JSON.parse(line) as LedgerEvent);
      const last = block.at(-1);
      if (last === undefined) return;
      yield block;
      after = last.n;
    }
  }

  /** The exact source text of the event at a position. */
  async sourceOf(n: number): Promise<string> {
    const answer = await this.#get(`ledger/events?after=${n - 1}&limit=1&source=1`, 10_000);
    return ((await answer.json()) as { source: string }).source;
  }

  async #get(path: string, limitMs: number): Promise<Response> {
    const answer = await fetch(`${this.#url}/_simulator/${path}`, { signal: AbortSignal.timeout(limitMs) });
    if (!answer.ok) throw new Error(`The simulator answers ${answer.status} to ${path}.`);
    return answer;
  }
}
