/** A reply before it is sent, so that a fault can still spoil it. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Called when the whole reply has been handed to the network unspoilt. */
  delivered?: () => void;
}

export function jsonReply(status: number, value: unknown): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify(value)),
  };
}
