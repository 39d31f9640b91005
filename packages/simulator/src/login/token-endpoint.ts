import { randomUUID } from 'node:crypto';
import type { Strike } from '../faults/fault-plan.ts';
import { methodNotAllowed } from '../http/error-reply.ts';
import { mediaType, type ReceivedRequest } from '../http/received-request.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { World } from '../world.ts';
import type { AccessTokens } from './access-tokens.ts';

export interface TokenSettings {
  clientId: string;
  clientSecret: string;
  /** Lifetime of a token, where the credentials stand in the body. */
  tokenSeconds: number;
  /** Lifetime of a token, where they stand in the header. */
  platformTokenSeconds: number;
  refreshToken: boolean;
  /** What wrong credentials are answered. */
  invalidClientStatus: 400 | 401;
}

/**
 * `POST /oauth/token`: the client-credentials grant of both contracts. The platform has the credentials in a Basic header
 * and nothing but the grant type in the form; the guide has all three in the form.
 */
export class TokenEndpoint {
  readonly #settings: TokenSettings;
  readonly #tokens: AccessTokens;
  readonly #world: World;

  constructor(settings: TokenSettings, tokens: AccessTokens, world: World) {
    this.#settings = settings;
    this.#tokens = tokens;
    this.#world = world;
  }

  answer(request: ReceivedRequest, strike: Strike): Reply {
    if (request.method !== 'POST') return methodNotAllowed('POST');
    if (mediaType(request) !== 'application/x-www-form-urlencoded') {
      return oauthError(415, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
    }
    if (request.body === null) return oauthError(413, 'invalid_request', 'The body is too large.');

    const form = new URLSearchParams(request.body.toString());
    const isBasic = request.headers.authorization !== undefined;
    const wanted = isBasic ? ['grant_type'] : ['grant_type', 'client_id', 'client_secret'];
    for (const name of wanted) {
      if (form.getAll(name).length !== 1 || form.get(name) === '') {
        return oauthError(400, 'invalid_request', `${name} must be given once.`);
      }
    }
    if (isBasic && (form.has('client_id') || form.has('client_secret'))) {
      return oauthError(400, 'invalid_request', 'Only one way of client authentication may be used.');
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'The grant type must be client_credentials.');
    }
    const { clientId, clientSecret, tokenSeconds, platformTokenSeconds, refreshToken, invalidClientStatus } =
      this.#settings;
    const given = isBasic
      ? basicCredentials(request.headers.authorization ?? '')
      : { id: form.get('client_id'), secret: form.get('client_secret') };
    if (given?.id !== clientId || given.secret !== clientSecret) {
      return oauthError(invalidClientStatus, 'invalid_client', 'Client authentication failed.');
    }
    const refused = strike.take('invalid-client');
    if (refused) return oauthError(refused.status, 'invalid_client', 'Client authentication failed.');

    const seconds = isBasic ? platformTokenSeconds : tokenSeconds;
    return jsonReply(200, {
      access_token: this.#tokens.issue(seconds, this.#world.tokenGeneration),
      token_type: 'bearer',
      expires_in: seconds,
      // The grant of the real service has none.
      ...(refreshToken && !isBasic ? { refresh_token: randomUUID() } : {}),
    });
  }
}

/** Null where it is no Basic header. The id ends at the first colon. */
function basicCredentials(header: string): { id: string; secret: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? null : { id: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** An error of the login server: `error` as in RFC 6749, and the text under both names that are in use. */
function oauthError(status: number, error: string, description: string): Reply {
  return jsonReply(status, { error, description, error_description: description });
}
