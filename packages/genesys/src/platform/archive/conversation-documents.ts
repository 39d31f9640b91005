import type { AnalyticsRow } from './analytics-row.ts';
import { withMembers } from './analytics-row.ts';
import type { Asking } from './asking.ts';
import type { DocumentTerms } from './stored-document.ts';
import { transcriptsOf } from './transcripts.ts';
import { chatLinesOf, mailsOf, messagesOf } from './written-messages.ts';

/** The members that a document has beside those of its row. */
type TextMember = 'transcripts' | 'messages' | 'emails';

/** What belongs to a conversation of some medium, and how it is asked for. */
const textsOf: Readonly<
  Record<
    string,
    {
      member: TextMember;
      ask: (
        asking: Asking,
        terms: DocumentTerms,
        conversation: string,
        sessions: readonly string[],
      ) => Promise<Buffer[]>;
    }
  >
> = {
  voice: {
    member: 'transcripts',
    ask: async (asking, terms, conversation, sessions) => {
      const transcripts: Buffer[] = [];
      for (const session of sessions)
        transcripts.push(...(await transcriptsOf(asking, terms, conversation, session)));
      return transcripts;
    },
  },
  message: { member: 'messages', ask: (asking, _terms, conversation) => messagesOf(asking, conversation) },
  chat: { member: 'messages', ask: (asking, _terms, conversation) => chatLinesOf(asking, conversation) },
  email: { member: 'emails', ask: (asking, _terms, conversation) => mailsOf(asking, conversation) },
};

/**
 * The document that is archived of a conversation: its row, and what was said and written in the media that are asked for. A member
 * with an empty list says that there is none; a member that is missing was not asked for, or the conversation had no such session.
 * @returns the parts of its text, in order
 */
export async function documentOf(
  row: AnalyticsRow,
  mediaTypes: readonly string[],
  asking: Asking,
  terms: DocumentTerms,
): Promise<Buffer[]> {
  if (row.id === null) return [row.text];
  const members = new Map<TextMember, Buffer[]>();
  for (const mediaType of mediaTypes) {
    const sessions = row.sessions.filter((session) => session.mediaType === mediaType);
    const texts = textsOf[mediaType];
    if (texts === undefined || sessions.length === 0) continue;
    const ids = new Set(sessions.flatMap(({ sessionId }) => sessionId ?? []));
    const found = await texts.ask(asking, terms, row.id, [...ids]);
    members.set(texts.member, [...(members.get(texts.member) ?? []), ...found]);
  }
  return withMembers(row.text, members);
}
