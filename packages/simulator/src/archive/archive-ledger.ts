import { hash } from 'node:crypto';
import type { Archive } from './archive.ts';
import type { MediaType } from './archive-settings.ts';
import type { Slot } from './calendar.ts';
import type { DeliveredWindow } from './download-log.ts';
import { conversationBytes } from './page-body.ts';
import type { PersonalDatum } from './personal-datum.ts';
import type { Window } from './roster.ts';

/** A conversation (or what stands in its place) as the ledger knows it. */
export interface LedgerConversation {
  /** Its `conversationId` or `id`; null where it has none. */
  conversationId: string | null;
  /** ISO 8601; decides which window it belongs to. */
  startedAt: string;
  /** Null where it is no conversation. */
  mediaType: MediaType | null;
  /** Bytes of its JSON text without white space around or in it. */
  bytes: number;
  /** SHA-256 of that text, hex. */
  sha256: string;
  /** How often it was rewritten; the ledger tells of the latest text alone. */
  revision: number;
  /** What is odd about it. */
  tags: string[];
  /** Pieces of personal data in it, and those of forms that the redaction engine claims. */
  personalData: number;
  claimed: number;
  /** That text, where it was asked for. */
  source?: string;
  /** Them, where they were asked for. */
  data?: PersonalDatum[];
}

/** A piece of personal data with the conversation it stands in. */
export interface LedgerPersonalDatum extends PersonalDatum {
  conversationId: string | null;
}

/** A conversation, or what stands in the place of one; told of when it is asked for. */
export interface LedgerItem {
  /** Null where it has none. */
  conversationId: string | null;
  data: () => readonly PersonalDatum[];
  describe: (wanted: { source: boolean; data: boolean }) => LedgerConversation;
}

/** Counts only. */
export interface ArchiveSummary {
  /** Items of the arrays: conversations, and what stands in the place of one. */
  conversations: number;
  /** Of these, those without an id. */
  withoutId: number;
  /** Bytes of their JSON texts, commas and brackets not counted. */
  bytes: number;
  personalData: number;
  claimed: number;
  /** By `TYPE:form`. */
  byForm: Record<string, { total: number; claimed: number }>;
}

export function describe(
  archive: Archive,
  slot: Slot,
  { source = false, data = false }: { source?: boolean; data?: boolean } = {},
): LedgerConversation {
  const bytes = conversationBytes(slot, archive.writer);
  const personal = dataOf(archive, slot);
  return {
    conversationId: archive.writer.idOf(slot),
    startedAt: new Date(slot.startMs).toISOString(),
    mediaType: slot.media,
    bytes: bytes.length,
    sha256: hash('sha256', bytes, 'hex'),
    revision: slot.revision,
    tags: slot.odd === null ? [] : [slot.odd.kind],
    personalData: personal.length,
    claimed: personal.filter(({ claimed }) => claimed).length,
    ...(source ? { source: bytes.toString() } : {}),
    ...(data ? { data: personal } : {}),
  };
}

/** All personal data of a conversation, with pointers from the conversation. */
export function dataOf(archive: Archive, slot: Slot): PersonalDatum[] {
  const found: PersonalDatum[] = [];
  for (const { data, firstLine } of archive.writer.pieces(slot)) {
    if (firstLine === null) {
      found.push(...data);
      continue;
    }
    for (const datum of data) {
      const places = datum.places.map(({ pointer, text }) => ({
        pointer: `/transcripts/${firstLine + Number(pointer)}`,
        text,
      }));
      found.push({ ...datum, places });
    }
  }
  return found;
}

/** Counts a piece at a time what stands in conversations; nothing is kept but the counts. */
export class SummaryCount {
  readonly summary: ArchiveSummary = {
    conversations: 0,
    withoutId: 0,
    bytes: 0,
    personalData: 0,
    claimed: 0,
    byForm: {},
  };

  add(archive: Archive, slot: Slot): void {
    const { summary } = this;
    summary.conversations += 1;
    if (archive.writer.idOf(slot) === null) summary.withoutId += 1;
    for (const { bytes, data } of archive.writer.pieces(slot)) {
      summary.bytes += bytes.length;
      for (const { type, form, claimed } of data) {
        const name = `${type}:${form}`;
        const counts = summary.byForm[name] ?? { total: 0, claimed: 0 };
        summary.byForm[name] = counts;
        counts.total += 1;
        summary.personalData += 1;
        if (!claimed) continue;
        counts.claimed += 1;
        summary.claimed += 1;
      }
    }
  }
}

/** The conversations of a window, by start. */
export function slotsOf(archive: Archive, window: Window): Iterable<Slot> {
  return archive.roster(window).from(0);
}

/** The conversations of windows that were delivered whole, each once, by start; windows may overlap. */
export function* servedSlots(archive: Archive, windows: readonly DeliveredWindow[]): Generator<Slot> {
  const ranges = windows
    .filter(({ complete }) => complete)
    .map(({ from, to, media }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to), media }));
  const edges = [...new Set(ranges.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort((a, b) => a - b);
  for (const [index, fromMs] of edges.entries()) {
    const toMs = edges[index + 1];
    if (toMs === undefined) return;
    const covering = ranges.filter((range) => range.fromMs <= fromMs && range.toMs >= toMs);
    if (covering.length === 0) continue;
    const media = covering.some((range) => range.media === null)
      ? null
      : [...new Set(covering.flatMap((range) => range.media ?? []))];
    yield* slotsOf(archive, { fromMs, toMs, media });
  }
}
