import type { CookieOptions, Request, Response } from 'express';

/** `auto`: Secure where the request came over TLS, here or at a trusted proxy. */
export type SecureCookies = 'auto' | 'always' | 'never';

/** The one cookie: out of reach of scripts, never sent along with a request that another site caused. */
export class SessionCookie {
  readonly #secure: SecureCookies;

  constructor(secure: SecureCookies) {
    this.#secure = secure;
  }

  read(request: Request): string | null {
    const name = this.#name(request);
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [key, value] = part.trim().split('=', 2);
      if (key === name && value !== undefined && /^[\w-]{20,100}$/.test(value)) return value;
    }
    return null;
  }

  set(request: Request, response: Response, token: string, lengthMs: number): void {
    response.cookie(this.#name(request), token, { ...this.#options(request), maxAge: lengthMs });
  }

  clear(request: Request, response: Response): void {
    response.clearCookie(this.#name(request), this.#options(request));
  }

  /** `__Host-` keeps other hosts of the domain from planting a cookie; browsers take it with Secure only. */
  #name(request: Request): string {
    return this.#isSecure(request) ? '__Host-trunkline' : 'trunkline';
  }

  #options(request: Request): CookieOptions {
    return { httpOnly: true, sameSite: 'strict', path: '/', secure: this.#isSecure(request) };
  }

  #isSecure(request: Request): boolean {
    return this.#secure === 'always' || (this.#secure === 'auto' && request.secure);
  }
}
