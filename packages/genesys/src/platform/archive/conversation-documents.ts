import { type AnalyticsRow, withMembers } from './analytics-row.ts';
import type { Asking } from './asking.ts';
import type { FoundTexts, MissingText, TextMember } from './missing-texts.ts';
import type { DocumentTerms } from './stored-document.ts';
import { transcriptsOf } from './transcripts.ts';
import { chatLinesOf, mailsOf, messagesOf } from './written-messages.ts';

/** What belongs to a conversation of some medium, and how it is asked for. */
const textsOf: Readonly<
  Record<
    string,
    {
      member: TextMember;
      /** @param sessions of the medium, by their ids; `null`: it names none */
      ask: (
        asking: Asking,
        terms: DocumentTerms,
        conversation: string,
        sessions: readonly (string | null)[],
      ) => Promise<FoundTexts>;
    }
  >
> = {
  voice: { member: 'transcripts', ask: transcriptsOfSessions },
  message: { member: 'messages', ask: (asking, _terms, conversation) => messagesOf(asking, conversation) },
  chat: { member: 'messages', ask: (asking, _terms, conversation) => chatLinesOf(asking, conversation) },
  email: { member: 'emails', ask: (asking, _terms, conversation) => mailsOf(asking, conversation) },
};

async function transcriptsOfSessions(
  asking: Asking,
  terms: DocumentTerms,
  conversation: string,
  sessions: readonly (string | null)[],
): Promise<FoundTexts> {
  const texts: Buffer[] = [];
  const missing: MissingText[] = [];
  for (const session of new Set(sessions)) {
    if (session === null) {
      missing.push({ of: 'transcripts', why: 'not-named' });
      continue;
    }
    const found = await transcriptsOf(asking, terms, conversation, session);
    texts.push(...found.texts);
    missing.push(...found.missing);
  }
  return { texts, missing };
}

/** The document of a conversation. */
export interface MadeDocument {
  /** Of its text, in order. */
  readonly parts: readonly Buffer[];
  readonly missingTexts: number;
}

/**
 * The document that is archived of a conversation: its row, and what was said and written in the media that are asked for. A member
 * with an empty list says that there is none; a member that is missing was not asked for, or the conversation had no such session.
 * What should be there and is not is named in the member `missingTexts`, which stands only where there is such.
 */
export async function documentOf(
  row: AnalyticsRow,
  mediaTypes: readonly string[],
  asking: Asking,
  terms: DocumentTerms,
): Promise<MadeDocument> {
  if (row.id === null) return { parts: [row.text], missingTexts: 0 };
  const members = new Map<string, readonly Buffer[]>();
  const missing: MissingText[] = [];
  for (const mediaType of mediaTypes) {
    const sessions = row.sessions.filter((session) => session.mediaType === mediaType);
    const texts = textsOf[mediaType];
    if (texts === undefined || sessions.length === 0) continue;
    const ids = sessions.map(({ sessionId }) => sessionId);
    const found = await texts.ask(asking, terms, row.id, ids);
    members.set(texts.member, [...(members.get(texts.member) ?? []), ...found.texts]);
    missing.push(...found.missing);
  }
  if (missing.length > 0) members.set('missingTexts', missing.map(textOf));
  return { parts: withMembers(row.text, members), missingTexts: missing.length };
}

function textOf({ of, communicationId, recordingId, messageId, why }: MissingText): Buffer {
  return Buffer.from(JSON.stringify({ of, communicationId, recordingId, messageId, why }));
}
