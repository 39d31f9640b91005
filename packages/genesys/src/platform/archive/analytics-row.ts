import { z } from 'zod';

/** What a row of Genesys' analytics says of its conversation, as far as an archive needs to know it. The row travels as `text`. */
export interface AnalyticsRow {
  /** Source text of a JSON object. */
  readonly text: Buffer;
  /** `null`: it names none, and is none that can be archived; whoever reads the page judges that. */
  readonly id: string | null;
  /** When the conversation began (ms since 1970); `null` where the row does not say it. */
  readonly startMs: number | null;
  readonly sessions: readonly AnalyticsSession[];
}

interface AnalyticsSession {
  readonly mediaType: string;
  /** Also the communication's id in other calls (unverified by Genesys' documents, so it is met tolerantly). */
  readonly sessionId: string | null;
}

const text = z.string().min(1).nullable().catch(null);
const session = z.object({ mediaType: text, sessionId: text }).catch({ mediaType: null, sessionId: null });
const participant = z.object({ sessions: z.array(session).catch([]) }).catch({ sessions: [] });
const row = z.object({
  conversationId: text,
  conversationStart: text,
  participants: z.array(participant).catch([]),
});

/** @param text valid JSON, without white space around it */
export function readRow(text: Buffer): AnalyticsRow {
  const read = row.safeParse(JSON.parse(text.toString('utf8'))).data;
  if (read === undefined) return { text, id: null, startMs: null, sessions: [] };
  const startMs = Date.parse(read.conversationStart ?? '');
  return {
    text,
    id: read.conversationId,
    startMs: Number.isNaN(startMs) ? null : startMs,
    sessions: read.participants.flatMap(({ sessions }) =>
      sessions.flatMap(({ mediaType, sessionId }) =>
        mediaType === null ? [] : [{ mediaType: mediaType.toLowerCase(), sessionId }],
      ),
    ),
  };
}

/**
 * The row's text with further members behind its own, each an array of documents; nothing of row or documents is altered.
 * @param members by name, the source texts of the array's items
 * @returns the parts of the text, in order
 */
export function withMembers(row: Buffer, members: ReadonlyMap<string, readonly Buffer[]>): Buffer[] {
  const inside = row.subarray(0, row.length - 1);
  const parts = [inside];
  let separator = inside.subarray(1).toString('latin1').trim() === '' ? '' : ',';
  for (const [name, documents] of members) {
    parts.push(Buffer.from(`${separator}${JSON.stringify(name)}:[`));
    documents.forEach((document, index) => {
      if (index > 0) parts.push(comma);
      parts.push(document);
    });
    parts.push(bracket);
    separator = ',';
  }
  parts.push(brace);
  return parts;
}

const comma = Buffer.from(',');
const bracket = Buffer.from(']');
const brace = Buffer.from('}');
