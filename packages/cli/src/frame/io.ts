/** Where a command reads its settings and writes to; tests hand in their own. */
export interface CommandIo {
  /** Of the organisation that the command is about, once `ofOrganisation` has looked it up. */
  env: NodeJS.ProcessEnv;
  /** The organisation that the command is about; `null`: the only one of the deployment. */
  organisation: string | null;
  /** Read where `-` stands for a value, and for answers to questions. */
  readonly in: Input;
  /** Data: what a program downstream reads. */
  readonly out: Output;
  /** Everything for people: progress, notes, errors. */
  readonly err: Output & { readonly isTTY?: boolean; readonly columns?: number };
  /** Who runs the command, for the records that it writes: TRUNKLINE_OPERATOR, or `user@host`. */
  user: string;
  /** ms since 1970. */
  readonly now: () => number;
}

export interface Output {
  write(text: string): unknown;
}

type Input = AsyncIterable<string | Uint8Array> & { readonly isTTY?: boolean };
