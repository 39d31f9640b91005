/** Which way bytes go: from the client, or back to it. */
export type Direction = 'request' | 'reply';

/** What is wrong with one direction of a proxied connection. */
export interface FlowFault {
  /** Nothing passes; the connection stays open, and what is sent waits. */
  stalled: boolean;
  /** `null`: as fast as it goes. */
  bytesPerSecond: number | null;
  /** Each piece comes so much later. */
  latencyMs: number;
  cut: Cut | null;
}

/** Ends connections in the middle of what they carry. */
interface Cut {
  /** So many bytes pass first, counted for each connection from when the fault began. */
  afterBytes: number;
  /** `reset`: RST; `close`: FIN, as if the other side had ended. */
  how: 'reset' | 'close';
  /** How many connections it may still end. */
  left: number;
}

export const noFault: FlowFault = { stalled: false, bytesPerSecond: null, latencyMs: 0, cut: null };

/** A piece is sent in parts of this many ms at a limited rate, so that it trickles instead of coming late. */
export const trickleMs = 50;
