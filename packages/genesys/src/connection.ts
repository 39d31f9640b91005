import { type DownloadCall, Downloads } from './download.ts';
import { type GenesysCall, GenesysHttp, type OpenCall } from './http.ts';
import type { GenesysWait, Patience } from './patience.ts';
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
  readonly #downloads: Downloads;
  readonly #tokens: TokenSource;
  readonly #settings: GenesysSettings;

  constructor(settings: GenesysSettings, parts: ConnectionParts) {
    this.#settings = settings;
    const keys = sharedKeys(parts.keyPrefix, settings.clientId);
    this.#transport = new Transport(settings);
    this.#http = new GenesysHttp(settings, {
      transport: this.#transport,
      throttle: openThrottle(parts.redis, keys.bucket, settings.ratePerSecond),
      pause: new SharedPause(parts.redis, keys.pause),
      onWait: parts.onWait,
    });
    this.#downloads = new Downloads(settings, this.#transport);
    this.#tokens = new TokenSource((signal) => this.#http.call(tokenCall(settings), null, signal), Date.now);
  }

  /**
   * Gets a token and forgets it again, which shows that address and credentials are right. Throws as `GenesysHttp.callWith` does.
   * @returns the login server's clock; `null` where it did not tell it
   */
  async logIn(patience: Patience, signal: AbortSignal): Promise<Date | null> {
    const call = tokenCall(this.#settings);
    const decode: GenesysCall<Date | null>['decode'] = (body, reply) => {
      call.decode(body, reply);
      return reply.serverDate;
    };
    return this.#http.callWith({ ...call, decode }, null, patience, signal);
  }

  /** Makes a call with the service account's token. Throws as `GenesysHttp.call` does. */
  readonly call = <T>(call: GenesysCall<T>, signal: AbortSignal): Promise<T> =>
    this.#http.call(call, this.#tokens, signal);

  /** As `call`, as patiently as its caller wants. Throws as `GenesysHttp.callWith` does. */
  readonly callWith = <T>(call: GenesysCall<T>, patience: Patience, signal: AbortSignal): Promise<T> =>
    this.#http.callWith(call, this.#tokens, patience, signal);

  /** Makes a call whose reply is read as it comes. Throws as `GenesysHttp.open` does. */
  readonly open = (call: OpenCall, patience: Patience, signal: AbortSignal): Promise<OpenReply> =>
    this.#http.open(call, this.#tokens, patience, signal);

  /**
   * Opens a presigned link that Genesys gave, without the service account's token and outside its allowance. Throws as
   * `Downloads.open` does.
   */
  readonly download = (call: DownloadCall, patience: Patience, signal: AbortSignal): Promise<OpenReply> =>
    this.#downloads.open(call, patience, signal);

  /** Ends the connections. Abort the calls under way first: they would try again. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
