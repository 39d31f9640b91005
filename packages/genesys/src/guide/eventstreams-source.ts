import { TrunklineError } from '@trunkline/contracts';
import {
  type AuditPage,
  type AuditSource,
  auditPage,
  type SourceFacts,
  type SourceReach,
} from '../audit-source.ts';
import type { GenesysCall } from '../http.ts';
import type { GenesysSettings } from '../settings.ts';
import { readEventStreamPage } from './eventstreams-page.ts';

type Stream = Pick<GenesysSettings, 'eventTypes' | 'filters' | 'limit' | 'replayWindowMs'>;
type MakeCall = <T>(call: GenesysCall<T>, signal: AbortSignal) => Promise<T>;

/** Audit events by the guide's event stream. Source: guide contract, "Audit event stream". */
export class EventStreamsSource implements AuditSource {
  readonly reach: SourceReach;
  readonly #makeCall: MakeCall;
  readonly #stream: Stream;

  constructor(makeCall: MakeCall, stream: Stream) {
    const { replayWindowMs } = stream;
    this.reach = { firstStartMs: replayWindowMs, replayWindowMs, lateMs: 0 };
    this.#makeCall = makeCall;
    this.#stream = stream;
  }

  async nextPage(cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
    return this.#makeCall(eventStreamCall(this.#stream, cursor), signal);
  }

  facts(): SourceFacts {
    return {};
  }
}

export function eventStreamCall(stream: Stream, cursor: string | null): GenesysCall<AuditPage> {
  const { eventTypes, filters, limit } = stream;
  return {
    what: 'the event stream',
    method: 'POST',
    path: '/api/v2/eventstreams',
    contentType: 'application/json',
    body: JSON.stringify(
      cursor === null ? { eventTypes, filters, limit } : { eventTypes, filters, cursor, limit },
    ),
    permissions: ['AuditLogs:View', 'EventStreams:View', 'Users:View'],
    refusal: (status, text) => (cursor === null ? null : cursorRefusal(status, text)),
    decode: (body, { serverDate, durationMs }) =>
      auditPage({
        ...readEventStreamPage(body),
        serverDate,
        durationMs,
        bytes: body.length,
        reachedAt: null,
        atHead: null,
      }),
  };
}

/** A 400 or 410 that names the cursor is about the cursor that was sent; any other refusal is about the request. */
function cursorRefusal(status: number, text: string): TrunklineError | null {
  if ((status !== 400 && status !== 410) || !/cursor/i.test(text)) return null;
  return new TrunklineError('GENESYS_CURSOR_EXPIRED', {
    message: `Genesys no longer takes the cursor of the event stream (${status}).`,
    remedy:
      'The stream goes on from the beginning of the replay window; the gap record tells what to reconcile.',
  });
}
