/**
 * Whether a client may do what Trunkline does: one cheap call for each permission, made once. What would be waited for and tried again
 * otherwise (429, 5xx, a network that is away) is an answer here.
 */
import { TrunklineError } from '@trunkline/contracts';
import { detailsCall } from './archive/conversation-details-source.ts';
import type { GenesysConnection } from './connection.ts';
import { eventStreamCall } from './guide/eventstreams-source.ts';
import type { Patience } from './patience.ts';
import { detailsPermissions, detailsRequest } from './platform/archive/details-request.ts';
import { auditPermissions } from './platform/audits/audit-query.ts';
import { serviceMappingCall } from './platform/audits/service-mapping.ts';
import type { Contract, GenesysSettings } from './settings.ts';
import type { Method, Reply } from './transport.ts';

export interface AccessProbe {
  /** What is asked for, in words: `audit events`. */
  readonly what: string;
  /**
   * @returns the source's clock; `null` where it did not tell it
   * @throws TrunklineError with a GENESYS_ code; its remedy names the permission where one is missing
   */
  readonly attempt: (connection: GenesysConnection, signal: AbortSignal) => Promise<Date | null>;
}

export interface WantedAccess {
  readonly contract: Contract;
  /** `null`: audit events are not wanted. */
  readonly audit: Pick<GenesysSettings, 'eventTypes' | 'filters' | 'replayWindowMs'> | null;
  /** Of conversations; `null`: none are wanted. */
  readonly mediaTypes: readonly string[] | null;
  /** ms since 1970: which minute of conversations is asked for. */
  readonly now: number;
}

/** Getting a token, which shows that address and credentials are right. */
export const loginProbe: AccessProbe = {
  what: 'log in',
  attempt: (connection, signal) => once(signal, (patience, limit) => connection.logIn(patience, limit)),
};

export function accessProbes(wanted: WantedAccess): AccessProbe[] {
  return wanted.contract === 'guide' ? guideProbes(wanted) : platformProbes(wanted);
}

function guideProbes({ audit, mediaTypes, now }: WantedAccess): AccessProbe[] {
  const probes: AccessProbe[] = [];
  if (audit !== null) {
    const call = eventStreamCall({ ...audit, limit: 1 }, null);
    probes.push({
      what: 'audit events',
      attempt: (connection, signal) =>
        once(
          signal,
          async (patience, limit) => (await connection.callWith(call, patience, limit)).serverDate,
        ),
    });
  }
  if (mediaTypes !== null) {
    const call = detailsCall(
      { ...minuteBefore(now), mediaTypes, pageSize: 1, storageClass: 'STANDARD' },
      null,
      null,
    );
    probes.push({
      what: 'conversations',
      attempt: (connection, signal) =>
        once(signal, async (patience, limit) => {
          const reply = await connection.open(call, patience, limit);
          reply.body.destroy();
          return reply.serverDate;
        }),
    });
  }
  return probes;
}

function platformProbes({ audit, mediaTypes, now }: WantedAccess): AccessProbe[] {
  const services = { ...serviceMappingCall('realtime'), decode: serverDateOf };
  return [
    ...(audit === null
      ? []
      : [{ what: 'audit events', attempt: attemptOf({ ...services, permissions: auditPermissions }) }]),
    ...(mediaTypes === null
      ? []
      : [conversationsProbe(mediaTypes, now), ...mediaTypes.flatMap((type) => textProbes[type] ?? [])]),
  ];
}

function conversationsProbe(mediaTypes: readonly string[], now: number): AccessProbe {
  const query = { ...minuteBefore(now), mediaTypes, pageSize: 1, storageClass: 'STANDARD' };
  return {
    what: 'conversations',
    attempt: attemptOf({
      what: 'the conversation details',
      method: 'POST',
      path: '/api/v2/analytics/conversations/details/query',
      body: JSON.stringify({ ...detailsRequest(query), paging: { pageSize: 1, pageNumber: 1 } }),
      permissions: detailsPermissions,
    }),
  };
}

/** No conversation has this id: that there is nothing is the answer of who may ask. */
const nobody = '00000000-0000-4000-8000-000000000000';
const recordingPermissions = ['recording:recording:view', 'recording:recordingSegment:view'];

/** What is asked for beside the row of a conversation, by its media type. */
const textProbes: Readonly<Record<string, AccessProbe>> = {
  voice: textProbe(
    'transcripts',
    `/api/v2/speechandtextanalytics/conversations/${nobody}/communications/${nobody}/transcripturls`,
    recordingPermissions,
  ),
  chat: textProbe(
    'recordings of chats',
    `/api/v2/conversations/${nobody}/recordings?maxWaitMs=5000&formatId=WEBM`,
    recordingPermissions,
  ),
  message: textProbe('messages', `/api/v2/conversations/messages/${nobody}`, [
    'conversation:message:view',
    'conversation:webmessaging:view',
  ]),
  email: textProbe('mails', `/api/v2/conversations/emails/${nobody}/messages`, ['conversation:email:view']),
};

function textProbe(what: string, path: string, permissions: readonly string[]): AccessProbe {
  return { what, attempt: attemptOf({ what, method: 'GET', path, body: null, permissions }) };
}

function attemptOf(asked: {
  what: string;
  method: Method;
  path: string;
  body: string | null;
  permissions: readonly string[];
}): AccessProbe['attempt'] {
  const call = { ...asked, refusal: null, alsoWanted: [202, 404], decode: serverDateOf };
  return (connection, signal) =>
    once(signal, (patience, limit) => connection.callWith(call, patience, limit));
}

function serverDateOf(_: Buffer, { serverDate }: Reply): Date | null {
  return serverDate;
}

/** Makes a call, and ends it with its reason where it would wait. */
async function once<T>(
  signal: AbortSignal,
  make: (patience: Patience, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const patience: Patience = {
    longestWaitMs: 60_000,
    onWait: ({ code, message, correlationId }) =>
      ended.abort(new TrunklineError(code, { message, correlationId })),
  };
  return make(patience, AbortSignal.any([signal, ended.signal]));
}

function minuteBefore(now: number): { from: string; to: string } {
  const to = Math.floor(now / 60_000) * 60_000;
  return { from: new Date(to - 60_000).toISOString(), to: new Date(to).toISOString() };
}
