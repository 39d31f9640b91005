const MINUTE_MS = 60_000;

/** What a client sent to the API, downloads and token requests aside. */
export interface ClientTraffic {
  requests: number;
  /** The largest number of requests within any 60 s. */
  mostInAMinute: number;
}

/**
 * Counts the requests of each client id, in the host's time, for either contract.
 *
 * Memory: the arrivals of the last minute.
 */
export class Traffic {
  readonly #clients = new Map<string, ClientTraffic & { latest: number[] }>();

  /** A request of this client has come; it bears a token that was issued to it, valid or not. */
  arrived(clientId: string, atMs: number): void {
    const client = this.#clients.get(clientId) ?? { requests: 0, mostInAMinute: 0, latest: [] };
    this.#clients.set(clientId, client);
    client.requests += 1;
    client.latest.push(atMs);
    const gone = client.latest.findIndex((ms) => ms > atMs - MINUTE_MS);
    client.latest.splice(0, Math.max(0, gone));
    client.mostInAMinute = Math.max(client.mostInAMinute, client.latest.length);
  }

  byClient(): Record<string, ClientTraffic> {
    return Object.fromEntries(
      [...this.#clients].map(([id, { requests, mostInAMinute }]) => [id, { requests, mostInAMinute }]),
    );
  }
}
