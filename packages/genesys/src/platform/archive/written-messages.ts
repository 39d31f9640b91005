import { z } from 'zod';
import { sleep } from '../../backoff.ts';
import { type Asking, askWhetherThere, later, textNotReady } from './asking.ts';
import { type FoundTexts, isAllowed, type MissingText, textOrWhy } from './missing-texts.ts';
import { itemTexts, objectText, readReply, unreadable } from './reply-text.ts';

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

/**
 * The messages of a conversation (web, SMS, social media), in the order of their times. Those that Genesys lists and leaves out of its
 * reply are asked for once more: they may be late.
 */
export async function messagesOf(asking: Asking, conversation: string): Promise<FoundTexts> {
  const path = `/api/v2/conversations/messages/${encodeURIComponent(conversation)}`;
  const permissions = ['conversation:message:view', 'conversation:webmessaging:view'];
  const what = 'the message ids of a conversation';
  const listed = await textOrWhy(asking, () =>
    askWhetherThere(asking, {
      what,
      path,
      permissions,
      decode: (body) => {
        const { participants } = readReply(body, what, messageConversation);
        const all = (participants ?? []).flatMap(({ messages }) => messages ?? []);
        // Of a conversation of several media they stand a level deeper, below each communication.
        const deep = all.flatMap((one) => [one, ...(one.messages ?? [])]);
        return [...new Set(deep.flatMap(({ messageId }) => messageId ?? []))];
      },
    }),
  );
  if ('why' in listed) return { texts: [], missing: [{ of: 'messages', ...listed }] };
  // Genesys has the row of a conversation in messages, and not the conversation: it has none, which is told.
  if (listed.text === null) return { texts: [], missing: [{ of: 'messages', why: 'not-found' }] };
  const messages: Buffer[] = [];
  const missing: MissingText[] = [];
  const askFor = async (ids: readonly string[]): Promise<Buffer[]> => {
    const found = await askWhetherThere(asking, {
      what: 'the messages of a conversation',
      method: 'POST',
      path: `${path}/messages/bulk?useNormalizedMessage=true`,
      body: ids,
      permissions,
      decode: (body) => itemTexts(body, 'entities', 'the messages of a conversation'),
    });
    return found ?? [];
  };
  for (let at = 0; at < listed.text.length; at += bulkIds) {
    const ids = listed.text.slice(at, at + bulkIds);
    let texts: Buffer[] = [];
    const found = await textOrWhy(asking, async () => {
      texts = await askFor(ids);
      const late = leftOut(ids, texts);
      if (late.length === 0) return;
      await sleep(asking.waits.minMs, asking.signal);
      texts = [...texts, ...(await askFor(late)).filter((text) => late.includes(idOf(text) ?? ''))];
    });
    messages.push(...texts);
    const why = 'why' in found ? found.why : 'left-out';
    const left = leftOut(ids, texts);
    if (left.length > 0 && !isAllowed(why, asking.missing)) {
      throw textNotReady(
        asking,
        `Genesys does not give ${left.length} of the ${ids.length} messages that it lists of a conversation`,
      );
    }
    missing.push(...left.map((messageId): MissingText => ({ of: 'messages', messageId, why })));
  }
  return { texts: inOrderOfTime(messages), missing };
}

/** Ids that no text is of. What a text without an id is of is not known: as many of the ids are taken to be there. */
function leftOut(ids: readonly string[], texts: readonly Buffer[]): string[] {
  const named = texts.map(idOf);
  const found = new Set(named);
  const left = ids.filter((id) => !found.has(id));
  return left.length <= named.filter((id) => id === null).length ? [] : left;
}

function idOf(text: Buffer): string | null {
  const { id } = (JSON.parse(text.toString('utf8')) ?? {}) as { id?: unknown };
  return typeof id === 'string' ? id : null;
}

const mailListing = z.object({
  entities: z.array(z.object({ id: text })).nullish(),
  nextUri: text.nullish().catch(null),
});

/** The mails of a conversation, in the order of their listing. One that is listed and not there is asked for once more. */
export async function mailsOf(asking: Asking, conversation: string): Promise<FoundTexts> {
  const listing = `/api/v2/conversations/emails/${encodeURIComponent(conversation)}/messages`;
  const permissions = ['conversation:email:view'];
  const listed = await textOrWhy(asking, () => mailIds(asking, listing, permissions));
  if ('why' in listed) return { texts: [], missing: [{ of: 'emails', ...listed }] };
  if (listed.text === null) return { texts: [], missing: [{ of: 'emails', why: 'not-found' }] };
  const texts: Buffer[] = [];
  const missing: MissingText[] = [];
  for (const messageId of listed.text) {
    const what = 'a mail of a conversation';
    const askForIt = (): Promise<Buffer | null> =>
      askWhetherThere(asking, {
        what,
        path: `${listing}/${encodeURIComponent(messageId)}`,
        permissions,
        decode: (body) => objectText(body, what),
      });
    const found = await textOrWhy(asking, async () => {
      const first = await askForIt();
      if (first !== null) return first;
      await sleep(asking.waits.minMs, asking.signal);
      return askForIt();
    });
    const why = 'why' in found ? found.why : 'left-out';
    if ('text' in found && found.text !== null) texts.push(found.text);
    else if (isAllowed(why, asking.missing)) missing.push({ of: 'emails', messageId, why });
    else throw textNotReady(asking, 'Genesys does not give a mail that it lists of a conversation');
  }
  return { texts, missing };
}

/** @returns `null`: Genesys does not have the conversation */
async function mailIds(
  asking: Asking,
  listing: string,
  permissions: readonly string[],
): Promise<ReadonlySet<string> | null> {
  const ids = new Set<string>();
  const seen = new Set<string>();
  for (let path: string | null = listing; path !== null; ) {
    seen.add(path);
    const what = 'the mail ids of a conversation';
    const page: { ids: string[]; next: string | null } | null = await askWhetherThere(asking, {
      what,
      path,
      permissions,
      decode: (body) => {
        const { entities, nextUri } = readReply(body, what, mailListing);
        return { ids: (entities ?? []).map(({ id }) => id), next: nextOf(nextUri ?? null, listing, what) };
      },
    });
    if (page === null && path === listing) return null;
    for (const id of page?.ids ?? []) ids.add(id);
    const next: string | null = page?.next ?? null;
    path = next !== null && !seen.has(next) ? next : null;
  }
  return ids;
}

/** Whether the listing has pages is unverified; it is gone on with where it names one, as a path or an address. */
function nextOf(uri: string | null, listing: string, what: string): string | null {
  if (uri === null) return null;
  const base = 'https://api';
  if (!URL.canParse(uri, base)) throw unreadable(what, 'names a next page by no address');
  const { pathname, search } = new URL(uri, base);
  if (!pathname.endsWith(listing)) throw unreadable(what, 'names the next page of something else');
  return `${listing}${search}`;
}

const recordingFacts = z.object({ id: text.nullish().catch(null), fileState: text.nullish().catch(null) });

/**
 * The lines of a web chat, which the API has only as the transcript of its recordings; none where it was not recorded. A recording whose
 * file is on its way is waited for as a 202 is.
 */
export async function chatLinesOf(asking: Asking, conversation: string): Promise<FoundTexts> {
  const what = 'the recordings of a chat';
  const found = await textOrWhy(asking, () =>
    askWhetherThere<Buffer[]>(asking, {
      what,
      path: `/api/v2/conversations/${encodeURIComponent(conversation)}/recordings?maxWaitMs=5000&formatId=WEBM`,
      permissions: ['recording:recording:view', 'recording:recordingSegment:view'],
      decode: (body) => {
        const recordings = itemTexts(asMember(body), 'recordings', what);
        return recordings.some((one) => stateOf(one) === 'coming') ? later : recordings;
      },
    }),
  );
  if ('why' in found) return { texts: [], missing: [{ of: 'messages', ...found }] };
  const recordings = found.text ?? [];
  const missing = recordings
    .filter((one) => stateOf(one) === 'gone')
    .map((one): MissingText => ({ of: 'messages', ...recordingOf(one), why: 'not-found' }));
  return { texts: recordings.flatMap((one) => itemTexts(one, 'transcript', what)), missing };
}

/** Of a recording without its lines: a file that is moved, archived or deleted has none to show. */
function stateOf(recording: Buffer): 'there' | 'coming' | 'gone' {
  if (itemTexts(recording, 'transcript', 'a recording').length > 0) return 'there';
  const state = recordingFacts
    .safeParse(JSON.parse(recording.toString('utf8')))
    .data?.fileState?.toUpperCase();
  switch (state) {
    case 'UPLOADING':
    case 'RESTORING':
      return 'coming';
    case 'ARCHIVED':
    case 'DELETED':
    case 'ERROR':
      return 'gone';
    default:
      return 'there';
  }
}

function recordingOf(recording: Buffer): { recordingId?: string } {
  const id = recordingFacts.safeParse(JSON.parse(recording.toString('utf8'))).data?.id;
  return typeof id === 'string' ? { recordingId: id } : {};
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
