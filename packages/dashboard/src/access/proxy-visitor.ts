import type { Request } from 'express';
import type { Role } from './users.ts';

/** How a proxy in front tells who somebody is. */
export interface ProxyIdentity {
  /** Lower-case name of the header that holds the user. */
  readonly userHeader: string;
  /** Of the one that holds roles or groups, with commas or blanks between them; `null`: everybody whom the proxy lets in is a viewer. */
  readonly rolesHeader: string | null;
  readonly operatorRoles: readonly string[];
  /** `null`: everybody whom the proxy lets in may look. */
  readonly viewerRoles: readonly string[] | null;
}

export type ProxyVerdict =
  | { readonly kind: 'visitor'; readonly name: string; readonly role: Role }
  /** The request is not of a named proxy, or the proxy names nobody. */
  | { readonly kind: 'nobody' }
  /** The header is there, and the request comes from somebody else than a named proxy. */
  | { readonly kind: 'forged' }
  /** The proxy knows them, and none of their roles may look. */
  | { readonly kind: 'stranger'; readonly name: string };

/** What a proxy lets through unchanged; anything else than a name is no name. */
const userName = /^[\w.@+ -]{1,128}$/;

/**
 * Who a trusted proxy says is asking. It is believed where the connection itself comes from a named peer: neither X-Forwarded-For
 * nor anything else that a request states counts.
 */
export function proxyVisitor(
  request: Pick<Request, 'headers' | 'socket'>,
  identity: ProxyIdentity,
  isTrusted: (address: string) => boolean,
): ProxyVerdict {
  const user = headerOf(request, identity.userHeader);
  if (user === null) return { kind: 'nobody' };
  if (!isTrusted(request.socket.remoteAddress ?? '')) return { kind: 'forged' };
  if (!userName.test(user)) return { kind: 'nobody' };
  const roles = rolesOf(identity.rolesHeader === null ? null : headerOf(request, identity.rolesHeader));
  if (identity.operatorRoles.some((role) => roles.has(role)))
    return { kind: 'visitor', name: user, role: 'operator' };
  const { viewerRoles } = identity;
  return viewerRoles === null || viewerRoles.some((role) => roles.has(role))
    ? { kind: 'visitor', name: user, role: 'viewer' }
    : { kind: 'stranger', name: user };
}

/** A header that is sent twice is joined by Node, and then names nobody. */
function headerOf({ headers }: Pick<Request, 'headers'>, name: string): string | null {
  const value = headers[name];
  const text = (Array.isArray(value) ? value.join(', ') : (value ?? '')).trim();
  return text === '' ? null : text;
}

function rolesOf(text: string | null): ReadonlySet<string> {
  return new Set((text ?? '').split(/[,;\s]+/).filter((role) => role !== ''));
}
