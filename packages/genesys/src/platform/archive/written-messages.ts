import { z } from 'zod';
import { type Asking, askWhetherThere } from './asking.ts';
import { itemTexts, objectText, readReply } from './reply-text.ts';

const text = z.string().min(1);

// What was written in a conversation, by kind of medium: each document as the API answers with it.

/** Ids that one bulk request takes, at most. */
const bulkIds = 1_000;

const details = z.object({ messageId: text.optional().catch(undefined) });
const messageConversation = z.object({
  participants: z
    .array(
      z.object({
        messages: z.array(details.extend({ messages: z.array(details).nullish().catch(null) })).nullish(),
      }),
    )
    .nullish(),
});

/** The messages of a conversation (web, SMS, social media), in the order of their times. */
export async function messagesOf(asking: Asking, conversation: string): Promise<Buffer[]> {
  const path = `/api/v2/conversations/messages/${encodeURIComponent(conversation)}`;
  const permissions = ['conversation:message:view', 'conversation:webmessaging:view'];
  const what = 'the message ids of a conversation';
  const ids = await askWhetherThere(asking, {
    what,
    path,
    permissions,
    decode: (body) => {
      const { participants } = readReply(body, what, messageConversation);
      const listed = (participants ?? []).flatMap(({ messages }) => messages ?? []);
      // Of a conversation of several media they stand a level deeper, below each communication.
      const all = listed.flatMap((one) => [one, ...(one.messages ?? [])]);
      return [...new Set(all.flatMap(({ messageId }) => messageId ?? []))];
    },
  });
  const messages: Buffer[] = [];
  for (let at = 0; at < (ids?.length ?? 0); at += bulkIds) {
    const found = await askWhetherThere(asking, {
      what: 'the messages of a conversation',
      method: 'POST',
      path: `${path}/messages/bulk?useNormalizedMessage=true`,
      body: ids?.slice(at, at + bulkIds),
      permissions,
      decode: (body) => itemTexts(body, 'entities', 'the messages of a conversation'),
    });
    messages.push(...(found ?? []));
  }
  return inOrderOfTime(messages);
}

const mailListing = z.object({
  entities: z.array(z.object({ id: text })).nullish(),
  nextUri: text.nullish().catch(null),
});

/** The mails of a conversation. */
export async function mailsOf(asking: Asking, conversation: string): Promise<Buffer[]> {
  const listing = `/api/v2/conversations/emails/${encodeURIComponent(conversation)}/messages`;
  const permissions = ['conversation:email:view'];
  const ids = new Set<string>();
  const seen = new Set<string>();
  for (let path: string | null = listing; path !== null; ) {
    seen.add(path);
    const what = 'the mail ids of a conversation';
    const page: z.infer<typeof mailListing> | null = await askWhetherThere(asking, {
      what,
      path,
      permissions,
      decode: (body) => readReply(body, what, mailListing),
    });
    for (const { id } of page?.entities ?? []) ids.add(id);
    const next: string | null = page?.nextUri ?? null;
    // Whether the listing has pages is unverified; it is gone on with where it names one of its own.
    path = next?.startsWith(`${listing}?`) && !seen.has(next) ? next : null;
  }
  const mails: Buffer[] = [];
  for (const id of ids) {
    const what = 'a mail of a conversation';
    const mail = await askWhetherThere(asking, {
      what,
      path: `${listing}/${encodeURIComponent(id)}`,
      permissions,
      decode: (body) => objectText(body, what),
    });
    if (mail !== null) mails.push(mail);
  }
  return mails;
}

/** The lines of a web chat, which the API has only as the transcript of its recordings. */
export async function chatLinesOf(asking: Asking, conversation: string): Promise<Buffer[]> {
  const what = 'the recordings of a chat';
  const lines = await askWhetherThere(asking, {
    what,
    path: `/api/v2/conversations/${encodeURIComponent(conversation)}/recordings?maxWaitMs=5000&formatId=WEBM`,
    permissions: ['recording:recording:view', 'recording:recordingSegment:view'],
    decode: (body) => {
      const recordings = itemTexts(asMember(body), 'recordings', what);
      return recordings.flatMap((recording) => itemTexts(recording, 'transcript', what));
    },
  });
  return lines ?? [];
}

/** An array as the member of an object, so that it is read by its bytes like all others. */
function asMember(array: Buffer): Buffer {
  return Buffer.concat([Buffer.from('{"recordings":'), array, Buffer.from('}')]);
}

/** Where every message says when it was sent; else as they came. */
function inOrderOfTime(messages: readonly Buffer[]): Buffer[] {
  const dated = messages.map((message) => ({
    message,
    at: Date.parse((JSON.parse(message.toString('utf8')) as { timestamp?: string } | null)?.timestamp ?? ''),
  }));
  if (dated.some(({ at }) => Number.isNaN(at))) return [...messages];
  return dated.sort((one, other) => one.at - other.at).map(({ message }) => message);
}
