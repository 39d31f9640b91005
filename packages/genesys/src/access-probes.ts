/**
 * Whether a client may do what Trunkline does: one cheap call for each permission, made once. What would be waited for and tried again
 * otherwise (429, 5xx, a network that is away) is an answer here.
 */
import { TrunklineError } from '@trunkline/contracts';
import { z } from 'zod';
import { detailsCall } from './archive/conversation-details-source.ts';
import type { GenesysConnection } from './connection.ts';
import { eventStreamCall } from './guide/eventstreams-source.ts';
import type { Patience } from './patience.ts';
import { readRow } from './platform/archive/analytics-row.ts';
import { detailsPermissions, detailsRequest } from './platform/archive/details-request.ts';
import { auditPermissions } from './platform/audits/audit-query.ts';
import { serviceMappingCall } from './platform/audits/service-mapping.ts';
import type { Contract, GenesysSettings } from './settings.ts';
import type { Method, Reply } from './transport.ts';

export interface AccessProbe {
  /** What is asked for, in words: `audit events`. */
  readonly what: string;
  /** @throws TrunklineError with a GENESYS_ code; its remedy names the permission where one is missing */
  readonly attempt: (connection: GenesysConnection, signal: AbortSignal) => Promise<AccessAnswer>;
}

interface AccessAnswer {
  /** The source's clock; `null` where it did not tell it. */
  readonly serverDate: Date | null;
  /**
   * `false`: there was nothing of the kind to ask for, and what is not there was answered 404. Genesys does not say whether it looks at
   * permissions before it looks for a thing.
   */
  readonly isProof: boolean;
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
  attempt: (connection, signal) =>
    once(signal, async (patience, limit) => proof(await connection.logIn(patience, limit))),
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
        once(signal, async (patience, limit) =>
          proof((await connection.callWith(call, patience, limit)).serverDate),
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
          return proof(reply.serverDate);
        }),
    });
  }
  return probes;
}

function platformProbes({ audit, mediaTypes, now }: WantedAccess): AccessProbe[] {
  const services = serviceMappingCall('realtime');
  return [
    ...(audit === null
      ? []
      : [{ what: 'audit events', attempt: attemptOf({ ...services, permissions: auditPermissions }) }]),
    ...(mediaTypes === null
      ? []
      : [conversationsProbe(mediaTypes, now), ...mediaTypes.flatMap((type) => textProbe(type, now))]),
  ];
}

function conversationsProbe(mediaTypes: readonly string[], now: number): AccessProbe {
  return { what: 'conversations', attempt: attemptOf(someConversations(mediaTypes, minuteBefore(now), 1)) };
}

/** Asks for the first conversations of an interval. */
function someConversations(
  mediaTypes: readonly string[],
  interval: { from: string; to: string },
  pageSize: number,
): Asked {
  const query = { ...interval, mediaTypes, pageSize, storageClass: 'STANDARD' };
  return {
    what: 'the conversation details',
    method: 'POST',
    path: '/api/v2/analytics/conversations/details/query',
    body: JSON.stringify({ ...detailsRequest(query), paging: { pageSize, pageNumber: 1 } }),
    permissions: detailsPermissions,
  };
}

/** A conversation, and its part in the medium that is asked about. */
interface Sample {
  readonly conversation: string;
  readonly communication: string;
}

/** No conversation has this id. */
const nobodys = '00000000-0000-4000-8000-000000000000';
const nobody: Sample = { conversation: nobodys, communication: nobodys };
const recordingPermissions = ['recording:recording:view', 'recording:recordingSegment:view'];

interface TextCall {
  readonly what: string;
  readonly pathOf: (sample: Sample) => string;
  readonly permissions: readonly string[];
  /** Whether asking for a conversation that is there has no effect but the answer. */
  readonly onReal: boolean;
}

/** What is asked for beside the row of a conversation, by its media type. */
const textCalls: Readonly<Record<string, TextCall>> = {
  voice: {
    what: 'transcripts',
    pathOf: ({ conversation, communication }) =>
      `/api/v2/speechandtextanalytics/conversations/${conversation}/communications/${communication}/transcripturls`,
    permissions: recordingPermissions,
    onReal: true,
  },
  chat: {
    what: 'recordings of chats',
    pathOf: ({ conversation }) =>
      `/api/v2/conversations/${conversation}/recordings?maxWaitMs=5000&formatId=WEBM`,
    permissions: recordingPermissions,
    // Genesys would begin to make the file.
    onReal: false,
  },
  message: {
    what: 'messages',
    pathOf: ({ conversation }) => `/api/v2/conversations/messages/${conversation}`,
    permissions: ['conversation:message:view', 'conversation:webmessaging:view'],
    onReal: true,
  },
  email: {
    what: 'mails',
    pathOf: ({ conversation }) => `/api/v2/conversations/emails/${conversation}/messages`,
    permissions: ['conversation:email:view'],
    onReal: true,
  },
};

const dayMs = 86_400_000;
/** How far back conversations are looked for that can be asked about, how many are looked at, and how many parts of them are asked for. */
const sampleDays = 7;
const samplePage = 25;
const mostAsked = 5;

/** Asks for what belongs to a conversation of the last days; nothing of the answer but its status is looked at. */
function textProbe(mediaType: string, now: number): AccessProbe[] {
  const call = textCalls[mediaType];
  if (call === undefined) return [];
  const { what, pathOf, permissions, onReal } = call;
  const attempt: AccessProbe['attempt'] = async (connection, signal) => {
    const samples = onReal ? await samplesOf(mediaType, now, connection, signal) : [];
    const ask = (sample: Sample): Promise<AccessAnswer> =>
      attemptOf({ what, method: 'GET', path: pathOf(sample), body: null, permissions })(connection, signal);
    for (const sample of samples) {
      const answer = await ask(sample);
      // Not every call was recorded.
      if (answer.isProof) return answer;
    }
    return ask(nobody);
  };
  return [{ what, attempt }];
}

/** None where there are none, or where conversations are not permitted, which a probe of its own tells. */
async function samplesOf(
  mediaType: string,
  now: number,
  connection: GenesysConnection,
  signal: AbortSignal,
): Promise<Sample[]> {
  const to = minuteBefore(now).to;
  const from = new Date(Date.parse(to) - sampleDays * dayMs).toISOString();
  const asked = someConversations([mediaType], { from, to }, samplePage);
  const call = { ...asked, refusal: null, decode: samplesIn(mediaType) };
  try {
    return await once(signal, (patience, limit) => connection.callWith(call, patience, limit));
  } catch (error) {
    if (error instanceof TrunklineError) return [];
    throw error;
  }
}

function samplesIn(mediaType: string): (body: Buffer) => Sample[] {
  return (body) => {
    const rows = details.safeParse(parsed(body)).data?.conversations ?? [];
    const samples = rows.flatMap((row): Sample[] => {
      const { id, sessions } = readRow(Buffer.from(JSON.stringify(row)));
      if (id === null) return [];
      const parts = sessions.filter((session) => session.mediaType === mediaType);
      return parts.map(({ sessionId }) => ({
        conversation: encodeURIComponent(id),
        communication: encodeURIComponent(sessionId ?? nobodys),
      }));
    });
    return samples.slice(0, mostAsked);
  };
}

const details = z.object({ conversations: z.array(z.unknown()) });

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

interface Asked {
  readonly what: string;
  readonly method: Method;
  readonly path: string;
  readonly body: string | null;
  readonly permissions: readonly string[];
}

function attemptOf(asked: Asked): AccessProbe['attempt'] {
  const decode = (_: Buffer, { serverDate, status }: Reply): AccessAnswer => ({
    serverDate,
    isProof: status !== 404,
  });
  const call = { ...asked, refusal: null, alsoWanted: [202, 404], decode };
  return (connection, signal) =>
    once(signal, (patience, limit) => connection.callWith(call, patience, limit));
}

function proof(serverDate: Date | null): AccessAnswer {
  return { serverDate, isProof: true };
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
