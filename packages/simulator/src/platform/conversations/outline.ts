import type { Archive } from '../../archive/archive.ts';
import type { MediaType } from '../../archive/archive-settings.ts';
import type { Slot } from '../../archive/calendar.ts';
import { uuid } from '../../archive/conversation-id.ts';
import { type Person, person } from '../../archive/person.ts';
import { Random, type Seed } from '../../audit/random.ts';

/** What becomes of a communication's text: there is none, it is there, or it is only after it was asked for. */
type TextState = 'none' | 'ready' | 'late';

export interface Session {
  /** Its communication's id, too. */
  sessionId: string;
  mediaType: MediaType;
  startMs: number;
  endMs: number;
  /** Of a call its transcript, of a web chat its recorded lines. */
  text: TextState;
  /** Ids of what was recorded of it: two where a call was recorded in two pieces. */
  recordings: readonly string[];
}

export interface Party {
  participantId: string;
  purpose: 'customer' | 'acd' | 'agent';
  userId: string | null;
  name: string;
  sessions: Session[];
}

/** Who took part in a conversation, when, and over what; what was said stands elsewhere. */
export interface Outline {
  slot: Slot;
  conversationId: string;
  mediaType: MediaType;
  startMs: number;
  endMs: number;
  person: Person;
  customer: Party;
  /** Queue and agents. */
  others: Party[];
}

const PURPOSE_OUTLINE = 60;
/** No conversation lasts longer. */
export const LONGEST_MS = 3 * 3_600_000;
/** How long behind a day's end its conversations are over, and with that the rows of them final; an hour is to spare. */
export const dayIsFinalAfterMs = LONGEST_MS + 3_600_000;
const SHORTEST_MS = 60_000;

const AGENTS = ['Ana Whitfield', 'Bruno Keller', 'Chloe Marchetti', 'Devon Ashcroft', 'Elif Sorensen'];
const QUEUES = ['Billing', 'Repairs', 'Sales'];

/** Random numbers of one conversation that stay the same when it is rewritten. */
export function steadyRandom(seed: Seed, purpose: number, { day, index }: Slot): Random {
  return new Random(seed, purpose, day * 0x1_0000_0000 + index);
}

/** The outline of a slot; null where the slot holds nothing that this API could serve. */
export function outlineOf(seed: Seed, archive: Archive, slot: Slot): Outline | null {
  const conversationId = archive.writer.idOf(slot);
  const { media, startMs } = slot;
  if (conversationId === null || media === null) return null;
  const random = steadyRandom(seed, PURPOSE_OUTLINE, slot);
  const isLong = random.oneIn(20);
  const endMs = startMs + SHORTEST_MS + random.below((isLong ? LONGEST_MS : 1_800_000) - SHORTEST_MS);
  const middleMs = Math.floor((startMs + endMs) / 2);
  const session = (mediaType: MediaType, fromMs: number, toMs: number, text: TextState) => ({
    sessionId: uuid(random),
    mediaType,
    startMs: fromMs,
    endMs: toMs,
    text,
    recordings: recordingIds(mediaType, text, random),
  });
  const somebody = person(seed, archive.writer.customerOf(slot));
  const customer: Party = {
    participantId: uuid(random),
    purpose: 'customer',
    userId: null,
    name: `${somebody.first} ${somebody.last}`,
    sessions: [],
  };
  // Somebody who is cut off calls again: two communications of one conversation.
  const isTwice = media === 'voice' && random.oneIn(6);
  const ends = isTwice ? [middleMs, endMs] : [endMs];
  if (media === 'callback') customer.sessions.push(session('callback', startMs, endMs, 'none'));
  let fromMs = startMs;
  for (const toMs of ends) {
    customer.sessions.push(
      session(media === 'callback' ? 'voice' : media, fromMs, toMs, textState(media, random)),
    );
    fromMs = toMs;
  }
  const others = [other('acd', random.pick(QUEUES)), other('agent', random.pick(AGENTS))];
  // Handed over to a colleague.
  if (random.oneIn(5)) others.push(other('agent', random.pick(AGENTS)));
  return {
    slot,
    conversationId,
    mediaType: media,
    startMs,
    endMs,
    person: somebody,
    customer,
    others,
  };

  function other(purpose: 'acd' | 'agent', name: string): Party {
    const kinds: MediaType[] = media === 'callback' ? ['callback', 'voice'] : [media as MediaType];
    return {
      participantId: uuid(random),
      purpose,
      userId: purpose === 'agent' ? uuid(random) : null,
      name,
      sessions: kinds.map((kind) => session(kind, startMs, endMs, 'none')),
    };
  }
}

/** Not all calls were recorded and transcribed, nor all web chats recorded. */
function textState(media: MediaType, random: Random): TextState {
  if (media === 'message' || media === 'email') return 'none';
  const draw = random.below(100);
  return draw < 12 ? 'none' : draw < 22 ? 'late' : 'ready';
}

function recordingIds(mediaType: MediaType, text: TextState, random: Random): string[] {
  if (text === 'none') return [];
  const isPaused = mediaType === 'voice' && random.oneIn(8);
  return Array.from({ length: isPaused ? 2 : 1 }, () => uuid(random));
}

/** The media types of a conversation's sessions: a callback has a call, too. */
export function mediaTypesOf(media: MediaType): readonly MediaType[] {
  return media === 'callback' ? ['callback', 'voice'] : [media];
}

/** A piece of a call that was recorded and transcribed, or will be. */
export interface Recording {
  recordingId: string;
  session: Session;
}

/** All of a conversation, in order. */
export function transcribedRecordings({ customer }: Outline): Recording[] {
  return customer.sessions
    .filter(({ mediaType }) => mediaType === 'voice')
    .flatMap((session) => session.recordings.map((recordingId) => ({ recordingId, session })));
}
