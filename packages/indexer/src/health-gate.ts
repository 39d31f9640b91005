/**
 * May we write? The cluster's health is asked before a bulk request, at most about once a second; below the required status,
 * under a write block, without permission, or when the cluster refuses everything, the gate is shut and batches stay on the
 * queue. It opens by itself when the reason is gone.
 */
import { errorCodeOf, type TrunklineError } from '@trunkline/contracts';
import {
  blockRemedy,
  type ClusterHealth,
  type HealthStatus,
  type WriteBlock,
} from '@trunkline/elasticsearch-sink';

export type ShutReason =
  /** Nothing is known to be wrong; the cluster has not been asked since. */
  | { kind: 'asking' }
  /** Templates and indices are not installed yet. */
  | { kind: 'setup'; message: string }
  | { kind: 'health'; status: HealthStatus; required: HealthStatus }
  | { kind: 'unreachable'; message: string }
  /** `indices`: those where a write was blocked; empty for a block on the whole cluster. */
  | { kind: 'write-block'; blockId: string; indices: readonly string[] }
  /** Tried again when `trialAt` has come: nothing but a write tells whether it is mended. */
  | { kind: 'refused'; message: string; trialAt: number }
  | { kind: 'flood'; batches: number; trialAt: number };

export type GateState =
  | { kind: 'unknown' }
  | { kind: 'open'; checkedAt: number }
  | { kind: 'shut'; reason: ShutReason; since: number; checkedAt: number };

/** What the gate asks of the cluster. */
export interface ClusterProbe {
  health(): Promise<ClusterHealth>;
  writeBlocks(indices: readonly string[]): Promise<WriteBlock[]>;
}

export interface HealthGateOptions {
  required: HealthStatus;
  /** How long an answer counts. */
  maxAgeMs: number;
  /** How long the gate stays shut where only a write tells whether the reason is gone. */
  probeMs: number;
  now: () => number;
  onChange: (state: GateState) => void;
}

const rank: Record<HealthStatus, number> = { green: 0, yellow: 1, red: 2 };

export class HealthGate {
  readonly #probe: ClusterProbe;
  readonly #options: HealthGateOptions;
  #state: GateState = { kind: 'unknown' };
  #asking: Promise<void> | null = null;

  constructor(probe: ClusterProbe, options: HealthGateOptions) {
    this.#probe = probe;
    this.#options = options;
  }

  get state(): GateState {
    return this.#state;
  }

  /** Whether it is open now; asks the cluster where the last answer is too old. Callers share one request. Never throws. */
  async check(): Promise<boolean> {
    if (this.#isDue()) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = null;
      });
      await this.#asking;
    }
    return this.#state.kind === 'open';
  }

  /** What kept it shut is done: the next check asks the cluster. */
  reset(): void {
    if (this.#state.kind === 'shut')
      this.#state = { ...this.#state, reason: { kind: 'asking' }, checkedAt: 0 };
  }

  shut(reason: ShutReason): void {
    const now = this.#options.now();
    const before = this.#state;
    const since = before.kind === 'shut' ? before.since : now;
    this.#state = { kind: 'shut', reason: merged(before, reason), since, checkedAt: now };
    const told = before.kind === 'shut' ? describeReason(before.reason) : null;
    if (told !== describeReason(this.#state.reason)) this.#options.onChange(this.#state);
  }

  /** A write was refused because of a block; on the whole cluster where `index` is `null`. */
  block(blockId: string, index: string | null): void {
    this.shut({ kind: 'write-block', blockId, indices: index === null ? [] : [index] });
  }

  /** A write was refused for a reason that a person has to mend. */
  refuse(error: TrunklineError): void {
    this.shut({
      kind: 'refused',
      message: error.message,
      trialAt: this.#options.now() + this.#options.probeMs,
    });
  }

  /** The cluster has refused every event of these many batches in a row. */
  flood(batches: number): void {
    this.shut({ kind: 'flood', batches, trialAt: this.#options.now() + this.#options.probeMs });
  }

  #isDue(): boolean {
    const state = this.#state;
    const now = this.#options.now();
    if (state.kind === 'unknown') return true;
    if (state.kind === 'shut') {
      if (state.reason.kind === 'setup') return false;
      if ('trialAt' in state.reason && now < state.reason.trialAt) return false;
    }
    return now - state.checkedAt >= this.#options.maxAgeMs;
  }

  async #ask(): Promise<void> {
    const asked = this.#state;
    const reason = await this.#reasonNow(asked);
    // A write that was refused while we asked knows better.
    if (this.#state !== asked) return;
    if (reason !== null) return this.shut(reason);
    this.#state = { kind: 'open', checkedAt: this.#options.now() };
    if (asked.kind !== 'open') this.#options.onChange(this.#state);
  }

  async #reasonNow(state: GateState): Promise<ShutReason | null> {
    const { required } = this.#options;
    try {
      const { status } = await this.#probe.health();
      if (rank[status] > rank[required]) return { kind: 'health', status, required };
      if (state.kind !== 'shut' || state.reason.kind !== 'write-block') return null;
      const { indices } = state.reason;
      const blocks = await this.#probe.writeBlocks(indices);
      const still = blocks.find(({ index }) => index === null || indices.includes(index));
      return still === undefined ? null : { kind: 'write-block', blockId: still.blockId, indices };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (errorCodeOf(error) === 'ELASTICSEARCH_PERMISSION_MISSING') {
        return { kind: 'refused', message, trialAt: this.#options.now() + this.#options.probeMs };
      }
      return { kind: 'unreachable', message };
    }
  }
}

/** One sentence for people: why the gate is shut and what opens it. */
export function describeReason(reason: ShutReason): string {
  switch (reason.kind) {
    case 'asking':
      return 'The health of Elasticsearch is being asked.';
    case 'setup':
    case 'unreachable':
    case 'refused':
      return reason.message;
    case 'health':
      return `The health of Elasticsearch is ${reason.status}, and indexing waits for ${reason.required}. Look at the cluster (\`GET _cluster/allocation/explain\`); where yellow is normal, set ES_REQUIRED_HEALTH=yellow.`;
    case 'write-block':
      return `Elasticsearch takes no writes into ${reason.indices.length === 0 ? 'the whole cluster' : reason.indices.join(', ')} (block ${reason.blockId}). ${blockRemedy(reason.blockId)}`;
    case 'flood':
      return `Elasticsearch has refused every event of ${reason.batches} batches in a row, so the cause is hardly the events: compare the mapping of the audit indices with the template. It is tried again every few minutes.`;
    default:
      return reason satisfies never;
  }
}

/** Blocks on several indices add up: all of them have to be lifted. */
function merged(before: GateState, reason: ShutReason): ShutReason {
  if (reason.kind !== 'write-block' || before.kind !== 'shut' || before.reason.kind !== 'write-block')
    return reason;
  return { ...reason, indices: [...new Set([...before.reason.indices, ...reason.indices])].slice(-100) };
}
