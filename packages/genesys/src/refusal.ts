import { TrunklineError } from '@trunkline/contracts';
import type { ErrorBody } from './error-body.ts';

/** A 401 that a new token did not help. Codes: genesys-api section 7. */
export function credentialsRefusal(told: string, { code }: ErrorBody): TrunklineError {
  if (code === 'ip.not.authorized') {
    return new TrunklineError('GENESYS_CREDENTIALS_REJECTED', {
      message: `${told} (${code}): the organisation allows no requests from this address.`,
      remedy: "Add the address of this machine, or of its outbound proxy, to the organisation's allow-list.",
    });
  }
  return new TrunklineError('GENESYS_CREDENTIALS_REJECTED', {
    message: `${told}${code === null ? '' : ` (${code})`}, with a new token too.`,
    remedy:
      'Check that the OAuth client is active and belongs to the organisation of the region or API base; a client works only in the region that made it.',
  });
}

/**
 * What a 403 means. Genesys' codes differ in what helps; a permission is one that the reply names, else those that the call
 * may lack.
 */
export function permissionRefusal(
  told: string,
  { code, text }: ErrorBody,
  permissions: readonly string[],
): TrunklineError {
  const of = (message: string, remedy: string) =>
    new TrunklineError('GENESYS_PERMISSION_MISSING', { message: `${told}${message}`, remedy });
  const missing = missingPermissions(text, permissions);
  const needed = missing.length === 0 ? 'a permission' : missing.join(' or ');
  switch (code) {
    case 'app.not.authorized.for.scope':
      return of(
        ` (${code}): the OAuth client is not authorised for this call.`,
        `Use a client of the grant type Client Credentials, which needs no scopes, and give its roles ${needed}.`,
      );
    case 'authz.policy.denied':
      return of(
        ` (${code}): an access policy of the organisation refuses the OAuth client.`,
        'Have the policy changed for this client.',
      );
    default:
      return of(
        `: the OAuth client lacks ${needed}.`,
        'Grant it to a role of the OAuth client, for the divisions that are to be read.',
      );
  }
}

/** Any other refusal: the request is wrong, or this is no place for it. */
export function requestRefusal(status: number, told: string, { code }: ErrorBody): TrunklineError {
  const message = `${told}${code === null ? '' : ` (${code})`}.`;
  if (code === 'not.a.user') {
    return new TrunklineError('GENESYS_REQUEST_REFUSED', {
      message,
      remedy: 'Genesys serves this to clients with a user only, and an OAuth client by itself has none.',
    });
  }
  return new TrunklineError('GENESYS_REQUEST_REFUSED', {
    message,
    remedy:
      status === 404 || status === 501 || status < 400
        ? 'Check that the region or API base is that of the organisation and speaks the contract that GENESYS_CONTRACT names.'
        : 'Check filters and page sizes, and the outbound proxy where there is one.',
  });
}

/** Permissions read as `domain:entity:action`, in texts of any wording; no other word of a reply looks like one. */
const permissionName = /\b[a-z]\w*:[a-z]\w*:(?:[a-z]\w*|\*)/gi;

function missingPermissions(text: string, permissions: readonly string[]): readonly string[] {
  const lower = text.toLowerCase();
  const ofTheCall = permissions.filter((permission) => lower.includes(permission.toLowerCase()));
  if (ofTheCall.length > 0) return ofTheCall;
  const named = [...new Set(text.match(permissionName) ?? [])];
  return named.length > 0 ? named.slice(0, 5) : permissions;
}
