import { type GenesysCall, GenesysHttp, type GenesysWait, type OpenCall, type Patience } from './http.ts';
import type { RedisClient } from './redis-answer.ts';
import type { GenesysSettings } from './settings.ts';
import { sharedKeys } from './shared-keys.ts';
import { SharedPause } from './shared-pause.ts';
import { openThrottle } from './throttle.ts';
import { TokenSource, tokenCall } from './token.ts';
import { type OpenReply, Transport } from './transport.ts';

export interface ConnectionParts {
  /** Shares bucket and pause between processes; stays the caller's to close. `null`: this process alone. */
  redis: RedisClient | null;
  /** Start of the deployment's keys, hash tag included (`deploymentPrefix` of contracts). */
  keyPrefix: string;
  /** Told of each wait for Genesys, for logs, metrics and the dashboard. Must not throw. */
  onWait: (wait: GenesysWait) => void;
}

/** A service account's way to Genesys: one token, one bucket, one pool of connections for all its sources. */
export class GenesysConnection implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #http: GenesysHttp;
  readonly #tokens: TokenSource;

  constructor(settings: GenesysSettings, parts: ConnectionParts) {
    const keys = sharedKeys(parts.keyPrefix, settings.clientId);
    this.#transport = new Transport(settings);
    this.#http = new GenesysHttp(settings, {
      transport: this.#transport,
      throttle: openThrottle(parts.redis, keys.bucket, settings.ratePerSecond),
      pause: new SharedPause(parts.redis, keys.pause),
      onWait: parts.onWait,
    });
    this.#tokens = new TokenSource(
      (signal) => this.#http.call(tokenCall(settings.clientId, settings.clientSecret), null, signal),
      Date.now,
    );
  }

  /** Makes a call with the service account's token. Throws as `GenesysHttp.call` does. */
  readonly call = <T>(call: GenesysCall<T>, signal: AbortSignal): Promise<T> =>
    this.#http.call(call, this.#tokens, signal);

  /** Makes a call whose reply is read as it comes. Throws as `GenesysHttp.open` does. */
  readonly open = (call: OpenCall, patience: Patience, signal: AbortSignal): Promise<OpenReply> =>
    this.#http.open(call, this.#tokens, patience, signal);

  /** Ends the connections. Abort the calls under way first: they would try again. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
