import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import type { GenesysCall, Tokens } from './http.ts';
import { SharedCall } from './shared-call.ts';

/** A token is not used in the last minute of its life: the request that carries it takes time too. */
const marginMs = 60_000;

export interface IssuedToken {
  accessToken: string;
  expiresInSeconds: number;
  /** When it was asked for, ms since 1970; its life may have begun then. */
  requestedAtMs: number;
}

/**
 * Keeps one token of the service account, for all callers of a process.
 *
 * A token is used until 60 s before its end (where its whole life is no longer than that, for half of it), then
 * replaced before the call that needs it. Callers who ask meanwhile share one request for it.
 */
export class TokenSource implements Tokens {
  readonly #now: () => number;
  readonly #issue: SharedCall<string>;
  #token: { value: string; goodUntilMs: number } | null = null;

  /** @param now ms since 1970 */
  constructor(issue: (signal: AbortSignal) => Promise<IssuedToken>, now: () => number) {
    this.#now = now;
    this.#issue = new SharedCall(async (signal) => {
      const issued = await issue(signal);
      const lifeMs = issued.expiresInSeconds * 1000;
      const usableMs = lifeMs > marginMs ? lifeMs - marginMs : lifeMs / 2;
      this.#token = { value: issued.accessToken, goodUntilMs: issued.requestedAtMs + usableMs };
      return issued.accessToken;
    });
  }

  /**
   * @throws TrunklineError GENESYS_CREDENTIALS_REJECTED, GENESYS_REQUEST_REFUSED
   * @throws the signal's reason
   */
  async current(signal: AbortSignal): Promise<string> {
    if (this.#token !== null && this.#now() < this.#token.goodUntilMs) return this.#token.value;
    return this.#issue.join(signal);
  }

  refuse(token: string): void {
    // Another caller may have replaced it already.
    if (this.#token?.value === token) this.#token = null;
  }
}

const tokenReply = z.object({
  // What a header can carry.
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  expires_in: z.coerce.number().positive(),
});

/**
 * The client-credentials grant. A `refresh_token` in the reply is ignored: another grant is made instead.
 * Source: guide contract, "Token".
 */
export function tokenCall(clientId: string, clientSecret: string): GenesysCall<IssuedToken> {
  return {
    what: 'the OAuth token',
    method: 'POST',
    path: '/oauth/token',
    contentType: 'application/x-www-form-urlencoded',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }).toString(),
    permissions: [],
    refusal: (status) =>
      status === 400 || status === 401
        ? new TrunklineError('GENESYS_CREDENTIALS_REJECTED', {
            message: `Genesys refused the client credentials (${status}).`,
            remedy:
              'Check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and the API base; the OAuth client needs the grant type Client Credentials.',
          })
        : null,
    decode: (body, reply) => {
      const token = tokenReply.safeParse(parsed(body.toString('utf8')));
      if (!token.success) {
        // Without cause: a schema's error may quote what it read.
        throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
          message: "Genesys' reply to the OAuth token holds no usable access_token and expires_in.",
          remedy: 'It is tried again; if it lasts, check the API base.',
        });
      }
      return {
        accessToken: token.data.access_token,
        expiresInSeconds: token.data.expires_in,
        requestedAtMs: Date.now() - reply.durationMs,
      };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
