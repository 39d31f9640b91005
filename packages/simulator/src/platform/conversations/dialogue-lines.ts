import type { Archive } from '../../archive/archive.ts';
import { dataOf } from '../../archive/archive-ledger.ts';
import type { Slot } from '../../archive/calendar.ts';
import { conversationBytes } from '../../archive/page-body.ts';
import type { PersonalDatum } from '../../archive/personal-datum.ts';

/** One line of a dialogue. */
interface DialogueLine {
  speaker: 'agent' | 'customer';
  text: string;
}

/** What is said in a conversation, whatever the channel. */
export interface Dialogue {
  lines: readonly DialogueLine[];
  /** Pointers are line numbers. */
  data: readonly PersonalDatum[];
}

const LINES = '/transcripts/';

/** The lines of the guide contract's rendition of the same conversation: both contracts serve one world. */
export function dialogueOf(archive: Archive, slot: Slot): Dialogue {
  const { transcripts } = JSON.parse(conversationBytes(slot, archive.writer).toString()) as {
    transcripts: unknown;
  };
  if (!Array.isArray(transcripts)) return { lines: [], data: [] };
  const lines = (transcripts as string[]).map((line): DialogueLine => {
    const [prefix = '', speaker] = /^(Agent|Customer): /.exec(line) ?? [];
    return { speaker: speaker === 'Customer' ? 'customer' : 'agent', text: line.slice(prefix.length) };
  });
  const data = dataOf(archive, slot)
    .filter(({ places }) => places[0]?.pointer.startsWith(LINES))
    .map((datum) => ({
      ...datum,
      places: datum.places.map(({ pointer, text }) => ({ pointer: pointer.slice(LINES.length), text })),
    }));
  return { lines, data };
}

/** A part of it, from line `from` on; no value may run over its edges. */
export function partOf({ lines, data }: Dialogue, from: number, to: number): Dialogue {
  return {
    lines: lines.slice(from, to),
    data: data
      .filter(({ places }) => places.every(({ pointer }) => Number(pointer) >= from && Number(pointer) < to))
      .map((datum) => ({
        ...datum,
        places: datum.places.map(({ pointer, text }) => ({ pointer: String(Number(pointer) - from), text })),
      })),
  };
}

/** The values that stand in one line alone, with that line's pointer. */
export function withinLine({ data }: Dialogue, line: number, pointer: string): PersonalDatum[] {
  return data
    .filter(({ places }) => places.length === 1 && places[0]?.pointer === String(line))
    .map((datum) => ({ ...datum, places: datum.places.map(({ text }) => ({ pointer, text })) }));
}

/** The values that run over lines. @param pointerOf what a line's pointer is */
export function acrossLines({ data }: Dialogue, pointerOf: (line: string) => string): PersonalDatum[] {
  return data
    .filter(({ places }) => places.length > 1)
    .map((datum) => ({
      ...datum,
      places: datum.places.map(({ pointer, text }) => ({ pointer: pointerOf(pointer), text })),
    }));
}

/** Where a dialogue can be cut near a line: before something that the agent says, and through no value. */
export function cutNear({ lines, data }: Dialogue, near: number): number {
  for (let at = near; at < lines.length; at++) {
    if (lines[at]?.speaker !== 'agent') continue;
    const crossed = data.some(({ places }) => {
      const numbers = places.map(({ pointer }) => Number(pointer));
      return Math.min(...numbers) < at && Math.max(...numbers) >= at;
    });
    if (!crossed) return at;
  }
  return lines.length;
}
