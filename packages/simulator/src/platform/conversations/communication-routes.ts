import { z } from 'zod';
import type { Strike } from '../../faults/fault-plan.ts';
import { errorReply } from '../../http/error-reply.ts';
import { jsonReply, type Reply } from '../../http/reply.ts';
import { type PlatformRoute, platformRoute, wholeNumber } from '../platform-route.ts';
import { expiredLinkReply, type PresignedLinks, STORE_PATH, storeError } from '../presigned-links.ts';
import { storedObject } from '../stored-object.ts';
import { recordingsOf } from './chat-lines.ts';
import { json, notFound } from './details-routes.ts';
import { type Outline, type Recording, type Session, transcribedRecordings } from './outline.ts';
import type { Rendition } from './rendition.ts';

/** How long a link to a transcript is good. The real one is not documented [U]. */
const LINK_SECONDS = 600;
/** So often a late text is asked for before it is there. */
const LATE_ASKS = 2;
/** Late texts of which the asks are remembered. */
const MOST_LATE = 10_000;
const MOST_MESSAGES = 1000;

/** What was said or written: transcripts by way of presigned links, messages, mails. */
export function communicationRoutes(rendition: Rendition, links: PresignedLinks): PlatformRoute[] {
  const late = new LateTexts();
  return [
    ...transcriptRoutes(rendition, links, late),
    recordingsRoute(rendition, late),
    ...messageRoutes(rendition),
    ...emailRoutes(rendition),
  ];
}

/** Counts how often texts that are late were asked for. */
class LateTexts {
  readonly #asks = new Map<string, number>();

  /** Whether it is not there yet this time. */
  isAskedEarly({ sessionId, text }: Session): boolean {
    const asked = this.#asks.get(sessionId) ?? 0;
    if (text !== 'late' || asked >= LATE_ASKS) return false;
    this.#asks.set(sessionId, asked + 1);
    if (this.#asks.size > MOST_LATE) this.#asks.delete(this.#asks.keys().next().value as string);
    return true;
  }
}

function transcriptRoutes(rendition: Rendition, links: PresignedLinks, late: LateTexts): PlatformRoute[] {
  const path =
    '/api/v2/speechandtextanalytics/conversations/{conversationId}/communications/{communicationId}';

  /** The recordings of the communication that is asked for, or what is answered in their place. */
  const wanted = (params: Readonly<Record<string, string>>, strike: Strike): Found[] | Reply => {
    const found = recordings(rendition, params['conversationId']).filter(
      ({ session }) => session.sessionId === params['communicationId'],
    );
    const [first] = found;
    if (first === undefined) return errorReply(404, 'resource.not.found', 'The transcript was not found.');
    const isLater = strike.take('transcript-pending') !== null || late.isAskedEarly(first.session);
    return isLater ? pending() : found;
  };
  return [
    platformRoute({
      method: 'GET',
      path: `${path}/transcripturl`,
      route: 'conversations-transcripts',
      access: {
        kind: 'bearer',
        permissions: ['recording:recording:view', 'speechAndTextAnalytics:data:view'],
      },
      answer: ({ params, request, strike }) => {
        const found = wanted(params, strike);
        if ('status' in found) return found;
        // Of several recordings the first one's [U].
        return jsonReply(200, { url: links.sign(request, objectPath(found[0] as Found), LINK_SECONDS) });
      },
    }),
    platformRoute({
      method: 'GET',
      path: `${path}/transcripturls`,
      route: 'conversations-transcripts',
      access: {
        kind: 'bearer',
        permissions: ['recording:recording:view', 'recording:recordingSegment:view'],
        need: 'any',
      },
      answer: ({ params, request, strike }) => {
        const found = wanted(params, strike);
        if ('status' in found) return found;
        const { conversationId = '', communicationId } = params;
        return jsonReply(200, {
          conversation: { id: conversationId, selfUri: `/api/v2/conversations/${conversationId}` },
          communicationId,
          urls: found.map((one) => ({
            recording: { id: one.recordingId },
            url: links.sign(request, objectPath(one), LINK_SECONDS),
          })),
        });
      },
    }),
    platformRoute({
      method: 'GET',
      path: `${STORE_PATH}transcripts/{conversationId}/{recordingId}.json`,
      route: 'conversations-download',
      access: { kind: 'presigned' },
      // Time, lifetime and signature: judged already.
      query: z.record(z.string(), z.string()),
      answer: ({ params, request, strike }) => {
        if (strike.take('link-expired') !== null) return expiredLinkReply();
        const found = recordings(rendition, params['conversationId']).find(
          ({ recordingId }) => recordingId === params['recordingId'],
        );
        if (found === undefined) return storeError(404, 'NoSuchKey', 'The specified key does not exist.');
        const body = Buffer.from(rendition.transcript(found.outline, found).text);
        return storedObject(request, { body, contentType: 'application/json' }, undefined, strike);
      },
    }),
  ];
}

interface Found extends Recording {
  outline: Outline;
}

/** What was recorded and transcribed of a conversation, or will be. */
function recordings(rendition: Rendition, conversationId = ''): Found[] {
  const outline = rendition.find(conversationId);
  if (outline === null) return [];
  return transcribedRecordings(outline).map((recording) => ({ ...recording, outline }));
}

function objectPath({ outline, recordingId }: Found): string {
  return `transcripts/${outline.conversationId}/${recordingId}.json`;
}

/** It is being made; ask again. What the real service says in this case is not documented [U]. */
function pending(): Reply {
  return { status: 202, headers: {}, body: Buffer.alloc(0) };
}

/** The recordings of a conversation; the text of a web chat stands in them and nowhere else. */
function recordingsRoute(rendition: Rendition, late: LateTexts): PlatformRoute {
  return platformRoute({
    method: 'GET',
    path: '/api/v2/conversations/{conversationId}/recordings',
    route: 'conversations-messages',
    access: {
      kind: 'bearer',
      permissions: ['recording:recording:view', 'recording:recordingSegment:view'],
      need: 'any',
    },
    query: z.strictObject({
      maxWaitMs: wholeNumber(1, 60_000).optional(),
      formatId: z.enum(['WAV', 'WEBM', 'WAV_ULAW', 'OGG_VORBIS', 'OGG_OPUS', 'MP3', 'NONE']).optional(),
    }),
    answer: ({ params }) => {
      const outline = rendition.find(params['conversationId'] ?? '');
      if (outline === null) return notFound();
      const [session] = outline.customer.sessions;
      if (outline.mediaType === 'chat' && session !== undefined && late.isAskedEarly(session))
        return pending();
      return json(200, recordingsOf(outline, rendition.chatLines(outline)));
    },
  });
}

function messageRoutes(rendition: Rendition): PlatformRoute[] {
  const common = {
    route: 'conversations-messages',
    access: {
      kind: 'bearer',
      permissions: ['conversation:message:view', 'conversation:webmessaging:view'],
      need: 'any',
    },
  } as const;
  const path = '/api/v2/conversations/messages/{conversationId}';
  const find = (params: Readonly<Record<string, string>>) => {
    const outline = rendition.find(params['conversationId'] ?? '');
    return outline?.mediaType === 'message' ? outline : null;
  };
  return [
    platformRoute({
      ...common,
      method: 'GET',
      path,
      answer: ({ params }) => {
        const outline = find(params);
        return outline === null ? notFound() : json(200, rendition.messageConversation(outline));
      },
    }),
    platformRoute({
      ...common,
      method: 'POST',
      path: `${path}/messages/bulk`,
      // The SDK knows the parameter no more; it asks for what is the only form by now.
      query: z.strictObject({ useNormalizedMessage: z.enum(['true', 'false']).optional() }),
      body: z.array(z.string()).min(1).max(MOST_MESSAGES),
      answer: ({ params, body, strike }) => {
        const outline = find(params);
        if (outline === null) return notFound();
        // Unknown ids are left out [U].
        const asked = new Set(body);
        const entities = rendition
          .messages(outline)
          .flatMap((message, index) =>
            asked.has(message.id) ? [rendition.message(outline, message, index).text] : [],
          );
        if (strike.take('text-left-out') !== null) entities.pop();
        return json(200, `{"entities":[${entities.join(',')}]}`);
      },
    }),
  ];
}

function emailRoutes(rendition: Rendition): PlatformRoute[] {
  const common = {
    route: 'conversations-messages',
    access: { kind: 'bearer', permissions: ['conversation:email:view'] },
    method: 'GET',
  } as const;
  const path = '/api/v2/conversations/emails/{conversationId}/messages';
  const find = (params: Readonly<Record<string, string>>) => {
    const outline = rendition.find(params['conversationId'] ?? '');
    return outline?.mediaType === 'email' ? outline : null;
  };
  return [
    platformRoute({
      ...common,
      path,
      answer: ({ params }) => {
        const outline = find(params);
        return outline === null ? notFound() : json(200, rendition.emailListing(outline));
      },
    }),
    platformRoute({
      ...common,
      path: `${path}/{messageId}`,
      answer: ({ params, strike }) => {
        const outline = find(params);
        const email =
          outline === null
            ? undefined
            : rendition.emails(outline).find(({ id }) => id === params['messageId']);
        if (outline === null || email === undefined) return notFound();
        if (strike.take('text-left-out') !== null) return notFound();
        return json(200, rendition.email(outline, email).text);
      },
    }),
  ];
}
