/** What a browser says of where a request comes from. */
export interface RequestOrigin {
  readonly method: string;
  /** `Host` as sent. */
  readonly host: string | undefined;
  /** `Origin` as sent; browsers send it with every request that is not GET or HEAD. */
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` as sent; browsers send it over TLS and to this machine, and no page can forge it. */
  readonly fetchSite: string | undefined;
}

/**
 * Whether a request may change something: only one that this dashboard's own page made.
 *
 * Bull Board's page sends plain requests without a token, so the check is on what the browser itself states. A request
 * that states nothing is refused: no browser of this decade leaves both out, and the command line has no use for cookies.
 * Sources: W3C Fetch Metadata; OWASP, Cross-Site Request Forgery Prevention, "Fetch Metadata headers".
 */
export function mayChangeThings(request: RequestOrigin): boolean {
  if (isSafeMethod(request.method)) return true;
  if (request.fetchSite !== undefined && request.fetchSite !== 'same-origin') return false;
  if (request.origin !== undefined) {
    // Behind a proxy that rewrites Host the two differ; there the browser's own statement decides.
    return hostOf(request.origin) === request.host?.toLowerCase() || request.fetchSite === 'same-origin';
  }
  return request.fetchSite === 'same-origin';
}

export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Names by which this machine reaches itself, as in `Host` or a listening address; port and brackets may be there. */
export function isLoopbackName(host: string): boolean {
  const name = host.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([^:]*):\d+$/, '$1');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}
