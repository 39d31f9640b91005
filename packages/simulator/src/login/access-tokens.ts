import type { SealedText } from '../sealed-text.ts';

const PURPOSE = 'token';

export type TokenState = 'valid' | 'expired' | 'revoked' | 'unknown';

/**
 * Issues and judges access tokens; they survive a restart.
 *
 * They live in the host's time, not the simulator's: a client measures `expires_in` with its own clock, which does not
 * run faster because a test makes the stream run faster.
 */
export class AccessTokens {
  readonly #sealed: SealedText;
  readonly #hostNow: () => number;
  #serial = 0;

  constructor(sealed: SealedText, hostNow: () => number = Date.now) {
    this.#sealed = sealed;
    this.#hostNow = hostNow;
  }

  /** A new token; `generation` ties it to the next revocation. */
  issue(lifetimeSeconds: number, generation: number): string {
    this.#serial = (this.#serial + 1) % 0xffff_ffff;
    return this.#sealed.seal(PURPOSE, [this.#hostNow() + lifetimeSeconds * 1000, generation, this.#serial]);
  }

  /** True for a token of this simulator's, whatever has become of it. */
  isIssued(token: string | null): boolean {
    return token !== null && this.#sealed.open(PURPOSE, token) !== null;
  }

  judge(token: string, generation: number): TokenState {
    const numbers = this.#sealed.open(PURPOSE, token);
    if (numbers?.length !== 3) return 'unknown';
    const [expiresMs, issuedIn] = numbers as [number, number, number];
    if (issuedIn !== generation) return 'revoked';
    return expiresMs <= this.#hostNow() ? 'expired' : 'valid';
  }
}
