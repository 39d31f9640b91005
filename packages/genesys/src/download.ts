import { TrunklineError } from '@trunkline/contracts';
import { Backoff } from './backoff.ts';
import { type Patience, waitPatiently } from './patience.ts';
import { type CallTerms, isSuccess, type Judged, mayPass } from './reply-verdict.ts';
import { retryAfterMs } from './retry-after.ts';
import type { GenesysSettings } from './settings.ts';
import type { OpenReply, Transport } from './transport.ts';

/** A file behind a presigned link that Genesys gave. */
export interface DownloadCall extends Pick<CallTerms, 'what' | 'refusal'> {
  /** Absolute, as given. Its query is as good as a password: it reaches no message. */
  url: string;
  /** Besides those of every download, such as `range` and `if-range`. */
  headers: Readonly<Record<string, string>>;
  /** The statuses whose body is wanted. */
  wanted: readonly number[];
}

type Terms = Pick<GenesysSettings, 'downloadHosts' | 'apiBase' | 'backoffMinMs' | 'backoffMaxMs'>;

/**
 * Downloads from the object stores that Genesys links to.
 *
 * Such a link comes in a reply, so that it is not followed blindly: only to hosts of the list, by https (by http only where the
 * API base is http too), to no redirect. No bearer token goes with it, and it takes nothing from the client's allowance. What may
 * pass by itself is tried again as every call is, and pauses nobody else.
 */
export class Downloads {
  readonly #terms: Terms;
  readonly #transport: Transport;

  constructor(terms: Terms, transport: Transport) {
    this.#terms = terms;
    this.#transport = transport;
  }

  /**
   * @throws TrunklineError GENESYS_LINK_EXPIRED on a 403: ask Genesys for a new link
   * @throws TrunklineError GENESYS_DOWNLOAD_HOST_FORBIDDEN, GENESYS_REQUEST_REFUSED, or what `call.refusal` made
   * @throws LongWait where the next attempt is further away than `patience` allows
   * @throws the signal's reason
   */
  async open(call: DownloadCall, patience: Patience, signal: AbortSignal): Promise<OpenReply> {
    requireAllowed(call, this.#terms);
    const backoff = new Backoff(this.#terms.backoffMinMs, this.#terms.backoffMaxMs);
    for (let failures = 1; ; failures++) {
      const outcome = await this.#attempt(call, signal);
      if (outcome.kind === 'done') return outcome.reply;
      if (outcome.kind === 'refused') throw outcome.error;
      const askedMs = Math.min(outcome.retryAfterMs ?? 0, this.#terms.backoffMaxMs);
      const waitMs = Math.max(askedMs, backoff.nextMs());
      await waitPatiently({ what: call.what, patience, failures }, outcome, waitMs, signal);
    }
  }

  async #attempt(call: DownloadCall, signal: AbortSignal): Promise<Outcome> {
    const { what, url } = call;
    // Stored objects are wanted as they are: ranges and digests are of their bytes.
    const headers = {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'trunkline',
      ...call.headers,
    };
    let status: number | null = null;
    try {
      const reply = await this.#transport.open({ what, method: 'GET', url, headers, body: null }, signal);
      status = reply.status;
      if (call.wanted.includes(status)) return { kind: 'done', reply };
      return judged({ ...reply, body: await reply.body.whole() }, call);
    } catch (error) {
      if (!(error instanceof TrunklineError) || error.kind !== 'retriable') throw error;
      return { kind: 'retry', retryAfterMs: null, error, status };
    }
  }
}

type Outcome =
  | { kind: 'done'; reply: OpenReply }
  | { kind: 'retry'; retryAfterMs: number | null; error: TrunklineError; status: number | null }
  | { kind: 'refused'; error: TrunklineError };

function judged({ status, headers, body, serverDate }: Judged, call: DownloadCall): Outcome {
  const text = body.toString('utf8');
  const special = call.refusal?.(status, text) ?? null;
  if (special !== null) return { kind: 'refused', error: special };
  const told = `The store answered ${status} to the download of ${call.what}`;
  // A link that was signed with credentials which have ended meanwhile is answered 400.
  if (status === 401 || status === 403 || (status === 400 && text.includes('ExpiredToken'))) {
    return { kind: 'refused', error: linkExpired(told) };
  }
  if (mayPass(status) || isSuccess(status)) {
    const retryAfter = retryAfterMs(headers.get('retry-after') ?? null, serverDate?.getTime() ?? Date.now());
    return { kind: 'retry', retryAfterMs: retryAfter, error: storeError(told), status };
  }
  return { kind: 'refused', error: refused(told) };
}

function requireAllowed({ what, url }: DownloadCall, { apiBase, downloadHosts }: Terms): void {
  if (!URL.canParse(url)) throw forbidden(`Genesys' link to ${what} is no URL.`);
  const { protocol, hostname, username } = new URL(url);
  const byHttp = protocol === 'http:' && apiBase.startsWith('http:');
  if ((protocol !== 'https:' && !byHttp) || username !== '') {
    throw forbidden(`Genesys' link to ${what} is not a plain https URL.`);
  }
  if (!downloadHosts.some((allowed) => isOf(hostname, allowed.toLowerCase()))) {
    throw forbidden(
      `Genesys' link to ${what} leads to ${hostname}, which is not on the list of download hosts.`,
    );
  }
}

/** `.example.com` allows all hosts below it, `example.com` this one. */
function isOf(hostname: string, allowed: string): boolean {
  return allowed.startsWith('.') ? hostname.endsWith(allowed) : hostname === allowed;
}

function linkExpired(told: string): TrunklineError {
  return new TrunklineError('GENESYS_LINK_EXPIRED', {
    message: `${told}: the link is no longer valid.`,
    remedy: 'A new link is asked for.',
  });
}

function storeError(told: string): TrunklineError {
  return new TrunklineError('GENESYS_SERVER_ERROR', { message: `${told}.`, remedy: 'It is tried again.' });
}

function refused(told: string): TrunklineError {
  return new TrunklineError('GENESYS_REQUEST_REFUSED', {
    message: `${told}.`,
    remedy: 'Check the outbound proxy where there is one; a new link may lead further.',
  });
}

function forbidden(message: string): TrunklineError {
  return new TrunklineError('GENESYS_DOWNLOAD_HOST_FORBIDDEN', {
    message,
    remedy: "Where the host is Genesys' own or your gateway, add it to GENESYS_DOWNLOAD_HOSTS.",
  });
}
