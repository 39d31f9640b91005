/** What a look at one thing says of it. */
export type Outcome =
  | { readonly kind: 'ok'; readonly said: string }
  /** Records get on; a person should look. */
  | { readonly kind: 'look'; readonly said: string; readonly remedy: string }
  | { readonly kind: 'wrong'; readonly said: string; readonly remedy: string }
  /** This deployment has no use for it. */
  | { readonly kind: 'unused'; readonly said: string };

export type Result = { readonly name: string } & (
  | Outcome
  /** What it needs is wrong, or was not tried itself. */
  | { readonly kind: 'not-tried'; readonly after: string }
);

/** Tries one thing, and leaves everything as it was. */
export interface Probe {
  /** Its line in the table, e.g. `redis eviction`. */
  readonly name: string;
  /** Names of probes without which it cannot be told. */
  readonly needs: readonly string[];
  /** What it throws counts as wrong. */
  readonly attempt: (signal: AbortSignal) => Promise<Outcome>;
}

export const ok = (said: string): Outcome => ({ kind: 'ok', said });
export const look = (said: string, remedy: string): Outcome => ({ kind: 'look', said, remedy });
export const wrong = (said: string, remedy: string): Outcome => ({ kind: 'wrong', said, remedy });
export const unused = (said: string): Outcome => ({ kind: 'unused', said });
