/** A reply before it is sent, so that a fault can still spoil it. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /**
   * Called before the last bytes of an unspoilt reply leave, so that whatever the client holds is known here, even if
   * this process is killed meanwhile. What it returns is told afterwards whether the reply went out whole.
   */
  deliver?: () => (whole: boolean) => void;
}

/** A reply whose body is made while it is sent. */
export interface StreamReply {
  status: number;
  headers: Record<string, string>;
  /** Bytes of the body. */
  length: number;
  /** The body, to be asked for once. */
  chunks: () => Iterable<Buffer>;
  /** As of `Reply`. */
  deliver?: () => (whole: boolean) => void;
}

export function jsonReply(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  };
}
