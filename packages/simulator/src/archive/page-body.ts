import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Layout } from './archive-settings.ts';
import { type Body, chunked } from './body.ts';
import type { Slot } from './calendar.ts';
import type { ConversationWriter } from './conversation.ts';
import { FRAMES, indented } from './layout.ts';
import type { Roster } from './roster.ts';

/** A page of a window: the conversations of the ordinals [first, end). */
export interface PageRange {
  roster: Roster;
  first: number;
  end: number;
  layout: Layout;
}

/** Where a conversation begins in the body. */
interface Mark {
  ordinal: number;
  offset: number;
}

/** Bytes between two marks; a resumed download generates so many in vain at most, plus one conversation. */
const MARK_EVERY_BYTES = 1_000_000;

/**
 * The body of a page: generated once for length, digest and marks, and again whenever it is read. Nothing of it is
 * kept but the marks, about one a megabyte.
 */
export async function pageBody(page: PageRange, writer: ConversationWriter): Promise<Body> {
  const { sha256, length, marks } = await survey(page, writer);
  return {
    length,
    sha256,
    from(offset) {
      const mark = marks.findLast((candidate) => candidate.offset <= offset) ?? (marks[0] as Mark);
      return chunked(piecesOf(page, writer, mark.ordinal), offset - mark.offset);
    },
  };
}

async function survey(page: PageRange, writer: ConversationWriter) {
  const digest = createHash('sha256');
  const marks: Mark[] = [{ ordinal: page.first, offset: 0 }];
  let length = 0;
  function* counted(): Generator<Buffer> {
    let lastMark = 0;
    const noted = (ordinal: number) => {
      if (length - lastMark < MARK_EVERY_BYTES) return;
      lastMark = length;
      marks.push({ ordinal, offset: length });
    };
    for (const bytes of piecesOf(page, writer, page.first, noted)) {
      yield bytes;
      length += bytes.length;
    }
  }
  for (const chunk of chunked(counted(), 0, true)) {
    digest.update(chunk);
    await nextTurn();
  }
  return { sha256: digest.digest('hex'), length, marks };
}

/**
 * The bytes of a page from what stands before the conversation of an ordinal on.
 * @param beginning called before a conversation's first byte, and the comma before it
 */
function* piecesOf(
  { roster, first, end, layout }: PageRange,
  writer: ConversationWriter,
  from: number,
  beginning: (ordinal: number) => void = () => {},
): Generator<Buffer> {
  const { open, between, close } = FRAMES[layout];
  if (from === first) yield open;
  let ordinal = from;
  for (const slot of ordinal < end ? roster.from(ordinal) : []) {
    if (ordinal > first) {
      beginning(ordinal);
      yield between;
    }
    if (layout === 'pretty') yield indented(conversationBytes(slot, writer));
    else for (const { bytes } of writer.pieces(slot)) yield bytes;
    ordinal += 1;
    if (ordinal >= end) break;
  }
  // An empty list says nothing about layouts.
  yield first === end ? close.subarray(close.indexOf(0x5d)) : close;
}

/** The exact JSON text of one conversation. */
export function conversationBytes(slot: Slot, writer: ConversationWriter): Buffer {
  return Buffer.concat(Array.from(writer.pieces(slot), ({ bytes }) => bytes));
}
