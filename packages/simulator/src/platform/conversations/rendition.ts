import type { Archive } from '../../archive/archive.ts';
import type { MediaType } from '../../archive/archive-settings.ts';
import type { Slot } from '../../archive/calendar.ts';
import type { PersonalDatum } from '../../archive/personal-datum.ts';
import type { Seed } from '../../audit/random.ts';
import { type RowObject, rowOf, writtenRow } from './analytics-row.ts';
import { writtenChatLines } from './chat-lines.ts';
import { acrossLines, type Dialogue, dialogueOf } from './dialogue-lines.ts';
import { type Email, emailListing, emailsOf, writtenEmail } from './emails.ts';
import { type Message, messageConversation, messagesOf, writtenMessage } from './messages.ts';
import { mediaTypesOf, type Outline, outlineOf, type Recording, transcribedRecordings } from './outline.ts';
import { below, type Written } from './planted.ts';
import { writtenTranscript } from './transcript-document.ts';

/** Dialogues that are kept: a client asks for the parts of one conversation one behind the other. */
const KEPT = 16;
/** A moment behind everything: nothing goes on any more. */
const AFTERWARDS_MS = Number.POSITIVE_INFINITY;

/** What was said or written in one medium. */
interface Texts {
  /** The member that holds it. */
  name: 'transcripts' | 'messages' | 'emails';
  written: Written[];
  /** Values that run over several of them; pointers from the list. */
  across: PersonalDatum[];
}

/**
 * The conversations of the world as the Platform API serves them: each part a pure function of seed and slot, made when
 * it is asked for.
 */
export class Rendition {
  readonly #seed: Seed;
  readonly #archive: Archive;
  readonly #dialogues = new Map<string, Dialogue>();

  constructor(seed: Seed, archive: Archive) {
    this.#seed = seed;
    this.#archive = archive;
  }

  /** Null where this API has no such conversation: the guide contract's odd ones without an id. */
  outline(slot: Slot): Outline | null {
    return outlineOf(this.#seed, this.#archive, slot);
  }

  /** The conversation of an id; null where there is none (yet). */
  find(conversationId: string): Outline | null {
    const slot = this.#archive.find(conversationId);
    return slot === null ? null : this.outline(slot);
  }

  /** A row as filters look at it. */
  rowObject(outline: Outline, nowMs: number): RowObject {
    return rowOf(this.#seed, outline, { attributes: true, nowMs }).row;
  }

  /** @param nowMs of the simulator's clock: what ends later goes on */
  row(outline: Outline, attributes: boolean, nowMs: number): Written {
    return writtenRow(this.#seed, outline, { attributes, nowMs });
  }

  transcript(outline: Outline, recording: Recording): Written {
    return writtenTranscript(this.#seed, outline, recording, this.#dialogue(outline));
  }

  messages(outline: Outline): Message[] {
    return outline.mediaType === 'message' ? messagesOf(this.#seed, outline, this.#dialogue(outline)) : [];
  }

  /** @param index place of the message among all */
  message(outline: Outline, message: Message, index: number): Written {
    return writtenMessage(this.#seed, outline, message, this.#dialogue(outline), index);
  }

  messageConversation(outline: Outline): string {
    return messageConversation(outline, this.messages(outline));
  }

  emails(outline: Outline): Email[] {
    return outline.mediaType === 'email' ? emailsOf(this.#seed, outline, this.#dialogue(outline)) : [];
  }

  email(outline: Outline, email: Email): Written {
    return writtenEmail(outline, email, this.#dialogue(outline));
  }

  emailListing(outline: Outline): string {
    return emailListing(outline, this.emails(outline), this.#dialogue(outline));
  }

  chatLines(outline: Outline): Written[] {
    return outline.mediaType === 'chat' ? writtenChatLines(this.#seed, outline, this.#dialogue(outline)) : [];
  }

  /**
   * All that there is of a conversation that is over, in one document: the row's members, and behind them what was said and
   * written in each medium that is wanted and that it has a session of: `transcripts` of calls, `messages` (also the lines of a
   * web chat), `emails`, each a list of what its call answers. Whoever archives a conversation whole has this.
   * @param media null = all
   */
  gathered(
    outline: Outline,
    { attributes, media }: { attributes: boolean; media: readonly MediaType[] | null },
  ): Written {
    const row = this.row(outline, attributes, AFTERWARDS_MS);
    const parts = mediaTypesOf(outline.mediaType)
      .filter((type) => media === null || media.includes(type))
      .flatMap((type) => this.#texts(outline, type) ?? []);
    const members = parts.map(
      ({ name, written }) => `,"${name}":[${written.map(({ text }) => text).join(',')}]`,
    );
    return {
      text: `${row.text.slice(0, -1)}${members.join('')}}`,
      data: [
        ...row.data,
        ...parts.flatMap(({ name, written, across }) => [
          ...written.flatMap(({ data }, index) => below(`/${name}/${index}`, data)),
          ...below(`/${name}`, across),
        ]),
      ],
    };
  }

  /** What was said or written in one medium; null where it has no text: a callback is a call, too. */
  #texts(outline: Outline, type: MediaType): Texts | null {
    switch (type) {
      case 'voice': {
        const written = transcribedRecordings(outline).map((recording) =>
          this.transcript(outline, recording),
        );
        // Each transcript tells of its values itself.
        return { name: 'transcripts', written, across: [] };
      }
      case 'message': {
        const written = this.messages(outline).map((message, index) => this.message(outline, message, index));
        const across = acrossLines(this.#dialogue(outline), (line) => `/${line}/normalizedMessage/text`);
        return { name: 'messages', written, across };
      }
      case 'chat': {
        const written = this.chatLines(outline);
        const across = acrossLines(this.#dialogue(outline), (line) => `/${line}/body`);
        return { name: 'messages', written, across: written.length > 0 ? across : [] };
      }
      case 'email': {
        const written = this.emails(outline).map((email) => this.email(outline, email));
        // Mails leave out what runs over lines.
        return { name: 'emails', written, across: [] };
      }
      case 'callback':
        return null;
      default:
        return type satisfies never;
    }
  }

  #dialogue({ slot, conversationId }: Outline): Dialogue {
    const key = `${conversationId} ${slot.revision} ${slot.bytes}`;
    const known = this.#dialogues.get(key);
    if (known !== undefined) return known;
    const made = dialogueOf(this.#archive, slot);
    this.#dialogues.set(key, made);
    for (const oldest of this.#dialogues.keys()) {
      if (this.#dialogues.size <= KEPT) break;
      this.#dialogues.delete(oldest);
    }
    return made;
  }
}
