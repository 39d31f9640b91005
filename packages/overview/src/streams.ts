/** What is known of each audit stream, from its state in Redis and what living fetchers tell of it. Pure. */
import type { Facts, Heartbeat } from '@trunkline/contracts';
import type { StreamSnapshot } from '@trunkline/stream-state';

/** A page that a side of the pipeline has reached. */
interface Reached {
  readonly seq: number;
  /** Time that it reaches to, ms since 1970; `null` where no page told one. */
  readonly at: number | null;
}

export interface StreamPicture {
  readonly id: string;
  /** `live`: follows the source; `history`: what the live source does not cover; `backfill`: a range that somebody asked for. */
  readonly kind: 'live' | 'history' | 'backfill';
  /** Both `null`: the stream has not started, or Redis was emptied. */
  readonly received: Reached | null;
  readonly indexed: Reached | null;
  /** Accepted batches above the watermark. */
  readonly inFlight: number;
  /** Instance of the fetcher that polls; `null`: nobody does at this moment. */
  readonly leaseHolder: string | null;
  /**
   * How far the indexed cursor is behind the source, in seconds. Where no living fetcher polls, the most that it can be: the
   * time since the event that was indexed last. `null`: not known.
   */
  readonly lagSeconds: number | null;
  /** When the oldest event that is not received may leave the source's replay window, ms since 1970; `null`: not known. */
  readonly replayClosesAt: number | null;
  /** Length of that window, ms. */
  readonly replayWindowMs: number | null;
  /** Whether the last poll found nothing more. */
  readonly drained: boolean | null;
  /** ms since 1970. */
  readonly lastPollAt: number | null;
  /** Genesys has asked for a pause until then, or is tried again then (ms since 1970). */
  readonly pausedUntil: number | null;
  /** In which way its source reads at this moment, in words; `null`: there is but one way, or nobody polls. */
  readonly readsBy: string | null;
  /** Where the next batch goes: to the queue, to the spool, or nowhere (both are full; of a stream that can wait: it waits for room). */
  readonly outlet: 'queue' | 'spool' | 'none' | null;
  /** Batches in the spools of all fetchers that are alive. */
  readonly spoolBatches: number | null;
}

/** The streams that a fetcher polls or stands by for, each with what it tells of it. */
export function streamsOf(fetcher: Heartbeat): Record<string, Facts> {
  if (fetcher.streams !== undefined) return fetcher.streams;
  // Before 0.2 a fetcher had one stream, and told of it among its own facts.
  const { stream } = fetcher.facts;
  return typeof stream === 'string' ? { [stream]: fetcher.facts } : {};
}

/**
 * @param remembered length of the replay window (ms) as a fetcher told it before; for when none is alive
 * @param now ms since 1970
 */
export function streamPicture(
  id: string,
  { state, leaseHolder, inFlightCount }: StreamSnapshot,
  processes: readonly Heartbeat[],
  remembered: number | null,
  now: number,
): StreamPicture {
  const told = processes.flatMap((process) => {
    const facts = streamsOf(process)[id];
    return facts === undefined ? [] : [facts];
  });
  const holder = told.find(({ lease }) => lease === 'held') ?? null;
  const replayWindowMs = numberOf((holder ?? told[0])?.['replayWindowMs']) ?? remembered;
  const drained = typeof holder?.['drained'] === 'boolean' ? holder['drained'] : null;
  const lastPollAt = timeOf(holder?.['lastPollAt']);
  const oldest = drained === true ? lastPollAt : (state?.received.at ?? null);
  return {
    id,
    kind: /\.backfill\./.test(id) ? 'backfill' : id.endsWith('.history') ? 'history' : 'live',
    received: state === null ? null : { seq: state.received.seq, at: state.received.at },
    indexed: state === null ? null : { seq: state.indexed.seq, at: state.indexed.at },
    inFlight: inFlightCount,
    leaseHolder,
    lagSeconds: holder === null ? sinceIndexed(state, now) : numberOf(holder['lagSeconds']),
    replayClosesAt: oldest === null || replayWindowMs === null ? null : oldest + replayWindowMs,
    replayWindowMs,
    drained,
    lastPollAt,
    pausedUntil: latest(told.map((facts) => timeOf(facts['genesysPausedUntil']))),
    readsBy: typeof holder?.['readsBy'] === 'string' ? holder['readsBy'] : null,
    outlet: outletOf(holder?.['outlet']),
    spoolBatches: sum(told.map((facts) => numberOf(facts['spoolBatches']))),
  };
}

function sinceIndexed(state: StreamSnapshot['state'], now: number): number | null {
  const at = state?.indexed.at ?? null;
  return at === null ? null : Math.max(0, Math.round((now - at) / 1_000));
}

function outletOf(word: Facts[string] | undefined): StreamPicture['outlet'] {
  return word === 'queue' || word === 'spool' || word === 'none' ? word : null;
}

function numberOf(value: Facts[string] | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function timeOf(value: Facts[string] | undefined): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((last, at) => (at === null || (last !== null && last >= at) ? last : at), null);
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((all, one) => all + one, 0);
}
