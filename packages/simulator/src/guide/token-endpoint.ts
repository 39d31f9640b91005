import { randomUUID } from 'node:crypto';
import type { Strike } from '../faults/fault-plan.ts';
import { mediaType, type ReceivedRequest } from '../http/received-request.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { World } from '../world.ts';
import type { AccessTokens } from './access-tokens.ts';
import { errorReply } from './error-reply.ts';

export interface TokenSettings {
  clientId: string;
  clientSecret: string;
  tokenSeconds: number;
  refreshToken: boolean;
}

/** `POST /oauth/token`: the client-credentials grant (guide contract: credentials in the form body). */
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
    if (request.method !== 'POST') {
      return errorReply(405, 'method.not.allowed', 'HTTP method not allowed.', { Allow: 'POST' });
    }
    if (mediaType(request) !== 'application/x-www-form-urlencoded') {
      return oauthError(415, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
    }
    if (request.body === null) return oauthError(413, 'invalid_request', 'The body is too large.');

    const form = new URLSearchParams(request.body.toString());
    for (const name of ['grant_type', 'client_id', 'client_secret']) {
      if (form.getAll(name).length !== 1 || form.get(name) === '') {
        return oauthError(400, 'invalid_request', `${name} must be given once.`);
      }
    }
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'The grant type must be client_credentials.');
    }
    const { clientId, clientSecret, tokenSeconds, refreshToken } = this.#settings;
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
      return oauthError(401, 'invalid_client', 'Client authentication failed.');
    }
    const refused = strike.take('invalid-client');
    if (refused) return oauthError(refused.status, 'invalid_client', 'Client authentication failed.');

    return jsonReply(200, {
      access_token: this.#tokens.issue(tokenSeconds, this.#world.tokenGeneration),
      expires_in: tokenSeconds,
      token_type: 'bearer',
      ...(refreshToken ? { refresh_token: randomUUID() } : {}),
    });
  }
}

/** An error of the login server: `error` as in RFC 6749, and the text under both names that are in use. */
function oauthError(status: number, error: string, description: string): Reply {
  return jsonReply(status, { error, description, error_description: description });
}
