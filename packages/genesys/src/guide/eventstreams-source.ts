import { TrunklineError } from '@trunkline/contracts';
import type { AuditPage, AuditSource } from '../audit-source.ts';
import type { GenesysCall } from '../http.ts';
import type { GenesysSettings } from '../settings.ts';
import type { Reply } from '../transport.ts';
import { type EventStreamPage, readEventStreamPage } from './eventstreams-page.ts';

type Stream = Pick<GenesysSettings, 'eventTypes' | 'filters' | 'limit'>;
type MakeCall = <T>(call: GenesysCall<T>, signal: AbortSignal) => Promise<T>;

/** Audit events by the guide's event stream. Source: guide contract, "Audit event stream". */
export class EventStreamsSource implements AuditSource {
  readonly #makeCall: MakeCall;
  readonly #stream: Stream;

  constructor(makeCall: MakeCall, stream: Stream) {
    this.#makeCall = makeCall;
    this.#stream = stream;
  }

  async nextPage(cursor: string | null, signal: AbortSignal): Promise<AuditPage> {
    return this.#makeCall(eventStreamCall(this.#stream, cursor), signal);
  }
}

function eventStreamCall(stream: Stream, cursor: string | null): GenesysCall<AuditPage> {
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
    decode: (body, reply) => auditPage(readEventStreamPage(body), reply),
  };
}

/** The texts are made when somebody asks for them: the fetcher passes bytes on. */
function auditPage({ eventBytes, nextCursor }: EventStreamPage, reply: Reply): AuditPage {
  let eventTexts: string[] | null = null;
  return {
    get eventTexts() {
      eventTexts ??= eventBytes.map((bytes) => bytes.toString('utf8'));
      return eventTexts;
    },
    eventBytes,
    nextCursor,
    serverDate: reply.serverDate,
    durationMs: reply.durationMs,
    bytes: reply.body.length,
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
