import type { AuditSource } from './audit-source.ts';
import type { GenesysConnection } from './connection.ts';
import type { DownloadCall } from './download.ts';
import { platformFilter } from './event-filter.ts';
import { EventStreamsSource } from './guide/eventstreams-source.ts';
import type { GenesysCall } from './http.ts';
import type { GenesysWait, Patience } from './patience.ts';
import type { AuditSourceFact } from './platform/audits/audit-source-fact.ts';
import { AuditsHistorySource, type HistoryPlan } from './platform/audits/audits-history-source.ts';
import { AuditsRealtimeSource } from './platform/audits/audits-realtime-source.ts';
import { eventsOfDownload } from './platform/audits/download-events.ts';
import { HistoryLease } from './platform/audits/history-lease.ts';
import { resultCall, statusCall, submitCall } from './platform/audits/history-queries.ts';
import { type HistoryAccess, HistoryReader, realWaits } from './platform/audits/history-reader.ts';
import { platformEvent } from './platform/audits/platform-event.ts';
import { realtimeCall } from './platform/audits/realtime-queries.ts';
import { serviceMappingCall } from './platform/audits/service-mapping.ts';
import { SourceClock } from './platform/audits/source-clock.ts';
import { platformLimits } from './platform/audits/tail-state.ts';
import type { RedisClient } from './redis-answer.ts';
import type { Contract, GenesysSettings } from './settings.ts';
import { sharedKeys } from './shared-keys.ts';
import type { OpenReply } from './transport.ts';

/** The audit sources of an organisation. Each call makes a new one, for one poller; ids of streams name who holds a lease. */
export interface AuditSources {
  /** The stream itself. */
  tail(stream: string): AuditSource;
  /** Events that the tail does not cover; `null`: it covers all. */
  uncovered(stream: string): AuditSource | null;
  /** How far back a range can be read, in ms; `null`: this contract gives no ranges. */
  readonly rangeReachMs: number | null;
  /** A range of the past, once. ms since 1970, [from, to). @throws where `rangeReachMs` is null */
  range(stream: string, range: { from: number; to: number }): AuditSource;
}

/** How far back the platform's audit history reaches, and how long a window of it is, at most (ms). */
export const auditHistory = {
  reachMs: platformLimits.historyReachMs,
  windowMs: platformLimits.historyWindowMs,
} as const;

export interface AuditSourceParts {
  contract: Contract;
  connection: GenesysConnection;
  settings: GenesysSettings;
  /** As of `ConnectionParts`. */
  redis: RedisClient | null;
  keyPrefix: string;
  /** Told of each wait of a call of a stream; must not throw. */
  onWait: (stream: string, wait: GenesysWait) => void;
  /** How late an event may appear (ms). */
  overlapMs: number;
  /** How often services are read that realtime queries do not cover (ms). */
  historyEveryMs: number;
  tell: (stream: string, fact: AuditSourceFact) => void;
}

export function auditSources(parts: AuditSourceParts): AuditSources {
  const { contract, settings } = parts;
  if (contract === 'platform') return platformSources(parts);
  return {
    tail: (stream) => new EventStreamsSource(callsOf(stream, parts).call, settings),
    uncovered: () => null,
    rangeReachMs: null,
    range: () => {
      throw new Error('The guide contract gives no ranges');
    },
  };
}

/** A stream's calls, for whose waits the stream is told. */
function callsOf(stream: string, { connection, onWait }: AuditSourceParts) {
  const patience = (longestWaitMs: number): Patience => ({
    longestWaitMs,
    onWait: (wait) => onWait(stream, wait),
  });
  return {
    call: <T>(
      call: GenesysCall<T>,
      signal: AbortSignal,
      longestWaitMs: number = Number.POSITIVE_INFINITY,
    ): Promise<T> => connection.callWith(call, patience(longestWaitMs), signal),
    download: (call: DownloadCall, signal: AbortSignal): Promise<OpenReply> =>
      connection.download(call, patience(Number.POSITIVE_INFINITY), signal),
  };
}

type Calls = ReturnType<typeof callsOf>;

function platformSources(parts: AuditSourceParts): AuditSources {
  const { settings, overlapMs, historyEveryMs } = parts;
  const {
    limit: pageSize,
    replayWindowMs: firstStartMs,
    ratePerSecond: requestsPerSecond,
    filters,
  } = settings;
  const terms = { ...platformLimits, overlapMs, pageSize };
  const passes = platformFilter(filters);
  const shape = (source: Buffer): Buffer | null => {
    const event = platformEvent(source);
    return passes(event) ? event : null;
  };
  const historyKey = sharedKeys(parts.keyPrefix, settings.clientId).history;
  const shared = (stream: string, calls: Calls) => {
    const clock = new SourceClock(Date.now);
    const tell = (fact: AuditSourceFact): void => parts.tell(stream, fact);
    const lease = new HistoryLease(parts.redis, historyKey, stream);
    const access = historyAccess(calls);
    const history = new HistoryReader({ access, lease, clock, tell, waits: realWaits });
    return { clock, tell, terms, shape, history };
  };
  const historySource = (stream: string, plan: HistoryPlan): AuditSource => {
    const calls = callsOf(stream, parts);
    const access = {
      services: (of: 'history' | 'realtime', signal: AbortSignal) =>
        calls.call(serviceMappingCall(of), signal),
    };
    return new AuditsHistorySource({ ...shared(stream, calls), plan, access });
  };
  return {
    tail: (stream) => {
      const calls = callsOf(stream, parts);
      return new AuditsRealtimeSource({
        ...shared(stream, calls),
        firstStartMs,
        requestsPerSecond,
        access: {
          page: (query, longestWaitMs, signal) => calls.call(realtimeCall(query), signal, longestWaitMs),
          services: (signal) => calls.call(serviceMappingCall('realtime'), signal),
        },
      });
    },
    uncovered: (stream) =>
      historySource(stream, { kind: 'uncovered-services', everyMs: historyEveryMs, firstStartMs }),
    rangeReachMs: auditHistory.reachMs,
    range: (stream, range) => historySource(stream, { kind: 'range', ...range }),
  };
}

/** Bytes of a downloaded result that are held at most; the window of a larger one is halved. */
const maxDownloadBytes = 32 * 1024 * 1024;

function historyAccess({ call, download }: Calls): HistoryAccess {
  return {
    submit: (window, signal) => call(submitCall(window), signal),
    status: (transaction, signal) => call(statusCall(transaction), signal),
    result: (transaction, cursor, signal) => call(resultCall(transaction, cursor), signal),
    download: async (url, signal) => {
      const what = 'the result of the audit history query';
      const reply = await download({ what, url, headers: {}, wanted: [200], refusal: null }, signal);
      return eventsOfDownload(reply.body, maxDownloadBytes);
    },
  };
}
