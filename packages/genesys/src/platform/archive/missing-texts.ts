import { TrunklineError } from '@trunkline/contracts';
import type { MissingAllowed } from '../../archive/archive-source.ts';
import { LongWait } from '../../long-wait.ts';
import type { Asking } from './asking.ts';

/** The members that a document has beside those of its row. */
export type TextMember = 'transcripts' | 'messages' | 'emails';

/** Why a text is missing. */
export type MissingWhy =
  /** Genesys answers 202: it is still making it. */
  | 'not-ready'
  /** Genesys lists it, and leaves it out where it is asked for: absent from the reply, or 404. */
  | 'left-out'
  /** Genesys has the row of the conversation, or its recording, and answers 404 for what is behind it, or says that it is gone. */
  | 'not-found'
  /** The row has a session of the medium, and names no communication by which it could be asked for. */
  | 'not-named'
  /** The client has no permission for it. */
  | 'forbidden'
  /** Genesys, or every link that it gives, refuses it. */
  | 'refused'
  /** What the store has cannot be reached, breaks off again and again, is too large, or is no JSON. */
  | 'unreadable'
  /** What the store has is not what it states. */
  | 'altered';

/** A text that belongs to a conversation, and that its document is without. Holds ids of Genesys, no personal data. */
export interface MissingText {
  readonly of: TextMember;
  /** Of a transcript. */
  readonly communicationId?: string;
  /** Of a transcript, where it is named, or of the lines of a chat. */
  readonly recordingId?: string;
  /** Of a message or a mail; left out where already their list is missing. */
  readonly messageId?: string;
  readonly why: MissingWhy;
}

/** What was found of a conversation's texts, each as Genesys has it, and what was not. */
export interface FoundTexts {
  readonly texts: readonly Buffer[];
  readonly missing: readonly MissingText[];
}

/**
 * A text, or why it is done without.
 * @throws what `get` throws, where the text is not to be done without
 */
export async function textOrWhy<T>(
  { missing }: Pick<Asking, 'missing'>,
  get: () => Promise<T>,
): Promise<{ text: T } | { why: MissingWhy }> {
  try {
    return { text: await get() };
  } catch (error) {
    const why = whyMissing(error);
    if (why === null || !isAllowed(why, missing)) throw error;
    return { why };
  }
}

/**
 * Whether a window goes on without a text. By itself it does so only by what Genesys says of the text; what goes wrong on the way to it
 * (a proxy that refuses, a network that is away, bytes that are not those stated) concerns more than one text, and a person judges it.
 */
export function isAllowed(why: MissingWhy, missing: MissingAllowed): boolean {
  if (why === 'not-found' || why === 'not-named') return true; // asking again tells nothing else
  return missing === 'any' || (missing === 'not-given' && (why === 'not-ready' || why === 'left-out'));
}

function whyMissing(error: unknown): MissingWhy | null {
  if (!(error instanceof TrunklineError)) return null;
  if (error.code === 'ARCHIVE_TEXT_NOT_READY') return 'not-ready';
  if (error instanceof LongWait) return null; // of the client as a whole
  switch (error.code) {
    case 'GENESYS_PERMISSION_MISSING':
      return 'forbidden';
    case 'GENESYS_LINK_EXPIRED':
    case 'GENESYS_REQUEST_REFUSED':
      return 'refused';
    case 'ARCHIVE_DOWNLOAD_INTERRUPTED':
    case 'ARCHIVE_LENGTH_MISMATCH':
      return 'unreadable';
    case 'ARCHIVE_DIGEST_MISMATCH':
      return 'altered';
    default:
      return null;
  }
}
