import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import { errorBody } from './error-body.ts';
import type { GenesysCall, Tokens } from './http.ts';
import type { GenesysSettings } from './settings.ts';
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
 * The client-credentials grant: a form with the client's credentials in it, or in an `Authorization: Basic` header. A
 * `refresh_token` in the reply is ignored: another grant is made instead.
 * Sources: guide contract, "Token"; genesys-api section 1.
 */
export function tokenCall(
  settings: Pick<GenesysSettings, 'clientId' | 'clientSecret' | 'clientAuth'>,
): GenesysCall<IssuedToken> {
  const { clientId, clientSecret, clientAuth } = settings;
  const grant = { grant_type: 'client_credentials' };
  const inBody = { ...grant, client_id: clientId, client_secret: clientSecret };
  return {
    what: 'the OAuth token',
    method: 'POST',
    base: 'login',
    path: '/oauth/token',
    contentType: 'application/x-www-form-urlencoded',
    headers: clientAuth === 'basic' ? { authorization: basic(clientId, clientSecret) } : {},
    body: new URLSearchParams(clientAuth === 'basic' ? grant : inBody).toString(),
    permissions: [],
    refusal: (status, text) => (status === 400 || status === 401 ? tokenRefusal(status, text) : null),
    decode: (body, reply) => {
      const text = body.toString('utf8');
      const token = tokenReply.safeParse(parsed(text));
      if (token.success) {
        return {
          accessToken: token.data.access_token,
          expiresInSeconds: token.data.expires_in,
          requestedAtMs: Date.now() - reply.durationMs,
        };
      }
      // An `error` member with status 200 is what the official clients look for.
      if (errorBody(text).code !== null) throw tokenRefusal(reply.status, text);
      // Without cause: a schema's error may quote what it read.
      throw new TrunklineError('GENESYS_REPLY_UNREADABLE', {
        message: "Genesys' reply to the OAuth token holds no usable access_token and expires_in.",
        remedy: 'It is tried again; if it lasts, check the login base.',
      });
    },
  };
}

/** RFC 7617; the colon that parts them stands in neither. */
function basic(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64')}`;
}

/** Which refusals there are is not documented (genesys-api section 1): what their text tells is used where it is known. */
function tokenRefusal(status: number, text: string): TrunklineError {
  const { code } = errorBody(text);
  const why = code === null ? `${status}` : `${status}, ${code}`;
  return new TrunklineError('GENESYS_CREDENTIALS_REJECTED', {
    message: `Genesys refused the client credentials (${why})${/\b(disabled|inactive)\b/i.test(text) ? ': the OAuth client is disabled' : ''}.`,
    remedy: tokenRemedy(code),
  });
}

function tokenRemedy(code: string | null): string {
  switch (code) {
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return 'Give the OAuth client the grant type Client Credentials.';
    case 'ip.not.authorized':
      return "Add the address of this machine, or of its outbound proxy, to the organisation's allow-list.";
    default:
      return 'Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET, that the client is active with the grant type Client Credentials, and that it belongs to the region or API base: it works only there.';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
