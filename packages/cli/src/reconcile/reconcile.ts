/**
 * Compares a range of a stream with what stands in Elasticsearch (A18).
 *
 * The order makes the answer exact while the pipeline runs: first the source is read up to its head, then the watermark is
 * taken, then the sink is read. Whatever Genesys gave before the watermark was settled before the sink was read; whatever it
 * gives behind it is not due. A document that the source did not give is looked for in what came since. Nothing is judged by
 * the clock, and nothing of the stream's own state is written.
 */

import { errorCodeOf } from '@trunkline/contracts';
import type {
  DeadLetterStatus,
  DeadLetters,
  Elasticsearch,
  EventReader,
  KeptGap,
  StreamRecords,
} from '@trunkline/elasticsearch-sink';
import {
  countEvents,
  deadLetterId,
  isSameEvent,
  readDigests,
  refresh,
  undatedIndex,
} from '@trunkline/elasticsearch-sink';
import type { EventTest } from '@trunkline/genesys';
import type { Progress } from '../terminal/progress.ts';
import { counted } from '../terminal/text.ts';
import { Comparison, type SourceEvent } from './comparison.ts';
import { marks } from './event-table.ts';
import { concerns, judgeGap, type Stretch } from './gap-verdict.ts';
import type { MissingEvent, ReconcileReport, ReportedGap } from './report.ts';
import { type Due, hullOf, type ReadPage, type SourceReading } from './source-reading.ts';
import { timeOf } from './source-window.ts';
import { documentsWithIds } from './stored-documents.ts';

export interface ReconcileParts {
  reading: SourceReading;
  reader: EventReader;
  elasticsearch: Elasticsearch;
  indexPrefix: string;
  deadLetterIndex: string;
  letters: Pick<DeadLetters, 'list'>;
  records: StreamRecords;
  /** Whether the stream's filters let an event pass. */
  meetsFilters: EventTest;
  progress: Progress;
  now: () => number;
  user: string;
}

export interface Reconciled {
  report: ReconcileReport;
  /** The pages of the missing events once more. */
  missingAgain: () => AsyncIterable<ReadPage>;
  /** Whether they may then come in another shape, and with another digest. */
  mayChangeShape: boolean;
}

const accountedStatuses: readonly DeadLetterStatus[] = ['open', 'discarded'];

/** @throws TrunklineError where source, sink or Redis cannot be asked; nothing is said of the range then */
export async function reconcile(parts: ReconcileParts, stream: string, range: Stretch): Promise<Reconciled> {
  return new Run(parts, stream, range).run();
}

class Run {
  readonly #parts: ReconcileParts;
  readonly #stream: string;
  readonly #range: Stretch;
  readonly #undated: string;
  readonly #comparison = new Comparison();
  readonly #problems: string[] = [];
  #checked: Stretch | null = null;
  #readsUndated = false;
  #pages = 0;
  #judgedBefore = Number.POSITIVE_INFINITY;
  #watermark: ReconcileReport['watermark'] = null;
  #filtered = 0;
  #otherStreams = 0;

  constructor(parts: ReconcileParts, stream: string, range: Stretch) {
    this.#parts = parts;
    this.#stream = stream;
    this.#range = range;
    this.#undated = undatedIndex(parts.indexPrefix);
  }

  async run(): Promise<Reconciled> {
    const { elasticsearch, indexPrefix, progress } = this.#parts;
    await this.#readSource();
    const { watermark, due } = await this.#parts.reading.position();
    this.#watermark = watermark;
    await refresh(elasticsearch, `${indexPrefix}*`);
    const unchecked = await this.#readUnchecked();
    if (this.#checked !== null) {
      await this.#readSink(this.#checked);
      await this.#leaveOutWhatIsNotDue(due);
      await this.#leaveOutDeadLetters();
      await this.#lookAgain();
      await this.#compareShapes();
      await this.#explainExtras();
    }
    const missing = [...this.#comparison.unexplained()];
    const gaps = await this.#settleGaps(missing);
    progress[Symbol.dispose]();
    return {
      report: this.#report(missing, unchecked, gaps),
      missingAgain: () => this.#again(missing),
      mayChangeShape: this.#parts.reading.givesShapes,
    };
  }

  async #readSource(): Promise<void> {
    const { reading, progress } = this.#parts;
    const { checked, pages, judgedBefore } = await reading.open(this.#range);
    this.#checked = checked;
    this.#judgedBefore = judgedBefore;
    if (checked === null) return;
    for await (const { page, share } of pages) {
      const place = this.#pages++;
      for (const text of page.eventTexts) {
        const event = this.#due(text);
        if (event !== null) this.#comparison.addSource(event, place, reading.isUncovered(text));
      }
      progress.at({
        what: 'Reading the source',
        share,
        detail: counted(this.#comparison.table.size, 'event'),
      });
    }
  }

  /** What of the range a source text is; `null`: nothing. What has no day of its own is looked at whatever the range. */
  #due(text: string): SourceEvent | null {
    const { id, digest, dated } = this.#read(text);
    const time = dated ? timeOf(text) : null;
    if (!dated) {
      this.#readsUndated = true;
      return { id, digest, time };
    }
    const from = (this.#checked ?? this.#range).from;
    return time !== null && time >= from && time < this.#range.to ? { id, digest, time } : null;
  }

  #read(text: string): { id: string; digest: string; dated: boolean } {
    const read = this.#parts.reader.read(text);
    if (read.kind === 'event') {
      const { id, digest, index } = read.event;
      return { id, digest, dated: index !== this.#undated };
    }
    const { digest } = read;
    return { id: malformedId(digest), digest, dated: false };
  }

  /** What lies before the window: only that each document agrees with its own digest can be told. */
  async #readUnchecked(): Promise<ReconcileReport['unchecked']> {
    const { elasticsearch, indexPrefix } = this.#parts;
    const to = this.#checked?.from ?? this.#range.to;
    if (this.#range.from >= to) return null;
    const stretch = { from: isoOf(this.#range.from), to: isoOf(to) };
    let documents = 0;
    const range = { indexPattern: `${indexPrefix}*`, ...stretch };
    for await (const { id, index, digest, contentDigest } of readDigests(elasticsearch, range)) {
      documents++;
      if (contentDigest === null) this.#comparison.altered.push({ id, index, what: 'foreign-document' });
      else if (digest !== contentDigest) this.#comparison.altered.push({ id, index, what: 'noted-digest' });
    }
    return { ...stretch, documents };
  }

  async #readSink(checked: Stretch): Promise<void> {
    const { elasticsearch, indexPrefix, progress } = this.#parts;
    const days = {
      indexPattern: `${indexPrefix}*,-${this.#undated}`,
      from: isoOf(checked.from),
      to: isoOf(this.#range.to),
    };
    const all = await countEvents(elasticsearch, days);
    let read = 0;
    for await (const document of readDigests(elasticsearch, days)) {
      this.#comparison.addDocument(document, true);
      read++;
      if (read % 500 === 0) {
        const share = all === 0 ? null : read / all;
        progress.at({ what: 'Reading Elasticsearch', share, detail: counted(read, 'document') });
      }
    }
    if (!this.#readsUndated) return;
    const undated = { indexPattern: this.#undated, from: null, to: null };
    for await (const document of readDigests(elasticsearch, undated)) {
      this.#comparison.addDocument(document, false);
    }
  }

  async #leaveOutWhatIsNotDue(due: Due): Promise<void> {
    const { table } = this.#comparison;
    if (!this.#comparison.hasUnexplained()) return;
    switch (due.kind) {
      case 'all-but':
        return this.#leaveOut(due.pages);
      case 'before':
        for (const entry of this.#comparison.unexplained()) {
          const before = table.has(entry, marks.uncovered) ? due.uncovered : due.time;
          const time = table.time(entry) ?? Number.POSITIVE_INFINITY;
          if (before === null || time >= before) table.mark(entry, marks.notDue);
        }
        return;
      case 'nothing':
        if (due.why !== null) this.#problems.push(due.why);
        return this.#nothingIsDue();
      default:
        due satisfies never;
    }
  }

  #nothingIsDue(): void {
    for (const entry of this.#comparison.unexplained()) this.#comparison.table.mark(entry, marks.notDue);
  }

  async #leaveOut(pages: AsyncIterable<ReadPage>): Promise<void> {
    const { progress } = this.#parts;
    const { table } = this.#comparison;
    let read = 0;
    try {
      for await (const { page, share } of pages) {
        read += page.eventTexts.length;
        progress.at({ what: 'Reading what is not indexed yet', share, detail: counted(read, 'event') });
        for (const text of page.eventTexts) {
          const { id, digest } = this.#read(text);
          const entry = table.findExact(id, digest);
          if (entry !== null) table.mark(entry, marks.notDue);
        }
      }
    } catch (error) {
      if (errorCodeOf(error) !== 'GENESYS_CURSOR_EXPIRED') throw error;
      this.#problems.push(
        'Genesys no longer takes the indexed cursor of the stream, so it cannot be told what is due: indexing is further behind than the replay window, or the cursor was refused. See the gap records, and run again when the stream has caught up.',
      );
      this.#nothingIsDue();
    }
  }

  async #leaveOutDeadLetters(): Promise<void> {
    if (!this.#comparison.hasUnexplained()) return;
    const { reading, elasticsearch, deadLetterIndex, letters } = this.#parts;
    const { table } = this.#comparison;
    await refresh(elasticsearch, deadLetterIndex);
    const ofStream = reading.streams.length === 1 ? { stream: this.#stream } : {};
    for (const status of accountedStatuses) {
      for (let after: unknown[] | null = null; ; ) {
        const page = await letters.list({ status, ...ofStream }, after, 1_000);
        for (const { stream, eventId, digest } of page.letters) {
          if (!reading.owns(stream)) continue;
          const exact = table.findExact(eventId ?? malformedId(digest), digest);
          if (exact !== null) table.mark(exact, marks.deadLettered);
          // Kept in another shape, it has another digest.
          else if (reading.givesShapes && eventId !== null) {
            for (const entry of table.find(eventId)) table.mark(entry, marks.deadLettered);
          }
        }
        if (page.next === null) break;
        after = page.next;
      }
    }
  }

  /** Before an event is called missing it is looked for by its id in every index, whatever date is searched there. */
  async #lookAgain(): Promise<void> {
    const { elasticsearch, indexPrefix } = this.#parts;
    const { table } = this.#comparison;
    const unseen = new Set<string>();
    const ids = new Set<string>();
    for (const entry of this.#comparison.unexplained()) {
      const id = table.id(entry);
      ids.add(id);
      if (table.find(id).every((variant) => table.home(variant) === 0)) unseen.add(id);
    }
    for await (const document of documentsWithIds(elasticsearch, `${indexPrefix}*`, ids)) {
      const { id, contentDigest } = document;
      const entry = contentDigest === null ? null : table.findExact(id, contentDigest);
      const isNew = entry !== null && !table.has(entry, marks.stored);
      if (unseen.has(id) || isNew) this.#comparison.addDocument(document, false);
    }
  }

  /**
   * Where a source gives an event in several shapes, a document with another digest may well be the event. Those events are asked
   * for once more, because no texts are kept, and laid beside their documents, a page at a time.
   */
  async #compareShapes(): Promise<void> {
    const { reading, progress } = this.#parts;
    if (!reading.givesShapes) return;
    const comparison = this.#comparison;
    const { table } = comparison;
    const open = new Set<string>();
    const times: (number | null)[] = [];
    for (const entry of comparison.differing()) {
      open.add(table.id(entry));
      times.push(table.time(entry));
    }
    const about = hullOf(times);
    if (about === null) return;
    const all = open.size;
    const same = new Set<string>();
    for await (const { page } of reading.since(about)) {
      const texts = new Map<string, string>();
      for (const text of page.eventTexts) {
        const { id } = this.#read(text);
        if (open.has(id)) texts.set(id, text);
      }
      for (const id of await this.#sameInShape(texts)) {
        open.delete(id);
        same.add(id);
      }
      progress.at({
        what: 'Comparing shapes',
        share: (all - open.size) / all,
        detail: counted(open.size, 'event'),
      });
      if (open.size === 0) break;
    }
    comparison.acquit(same);
  }

  /** The ids of those events whose documents all agree with them. */
  async #sameInShape(texts: ReadonlyMap<string, string>): Promise<string[]> {
    const { elasticsearch, indexPrefix } = this.#parts;
    const same = new Set<string>();
    const other = new Set<string>();
    for await (const { id, text } of documentsWithIds(elasticsearch, `${indexPrefix}*`, texts.keys())) {
      if (text !== null && isSameEvent(text, texts.get(id) as string)) same.add(id);
      else other.add(id);
    }
    return [...same].filter((id) => !other.has(id));
  }

  /** An extra document may be of another stream, one that today's filter leaves out, or an event that came since. */
  async #explainExtras(): Promise<void> {
    const { reading, elasticsearch, indexPrefix, meetsFilters } = this.#parts;
    const comparison = this.#comparison;
    if (comparison.extras.length === 0) return;
    const explained = new Set<string>();
    const open = new Map<string, number | null>();
    const ids = new Set(comparison.extras.map(({ id }) => id));
    for await (const document of documentsWithIds(elasticsearch, `${indexPrefix}*`, ids)) {
      const { id, index, stream, text } = document;
      const time = text === null ? null : timeOf(text);
      const isOthers = stream !== null && !reading.owns(stream);
      const isFiltered = !isOthers && text !== null && !meetsFilters(text);
      const isYoung = time !== null && time >= this.#judgedBefore;
      if (isOthers || isFiltered || isYoung) explained.add(`${index}\n${id}`);
      else open.set(id, time);
      if (isOthers) this.#otherStreams++;
      else if (isFiltered) this.#filtered++;
    }
    comparison.extras = comparison.extras.filter(({ id, index }) => !explained.has(`${index}\n${id}`));
    if (comparison.extras.length === 0) return;
    for await (const { page } of reading.since(hullOf(open.values()) ?? this.#range)) {
      for (const text of page.eventTexts) open.delete(this.#read(text).id);
      if (open.size === 0) break;
    }
    comparison.extras = comparison.extras.filter(({ id }) => open.has(id));
  }

  async #settleGaps(missing: readonly number[]): Promise<ReportedGap[]> {
    const { reading, records, now, user } = this.#parts;
    const { table } = this.#comparison;
    const kept: { stream: string; gap: KeptGap }[] = [];
    for (const stream of reading.streams) {
      for (const gap of await records.listGapRecords(stream)) {
        if (concerns(gap, this.#range)) kept.push({ stream, gap });
      }
    }
    if (kept.length === 0) return [];
    const unsettled = missing.map((entry) => table.time(entry)).filter((time) => time !== null);
    for (const entry of this.#comparison.absentWith(marks.notDue)) {
      const time = table.time(entry);
      if (time !== null) unsettled.push(time);
    }
    const { hasPast } = this.#parts.reading;
    const looked = { range: this.#range, checked: this.#checked, unsettled, hasPast };
    const reported: ReportedGap[] = [];
    for (const { stream, gap } of kept) {
      const { id, from, to, reason, at: recordedAt, closedAt, closedBy, closedBecause } = gap;
      const told = { id, stream, from, to, reason, recordedAt };
      if (closedAt !== null) {
        reported.push({ ...told, verdict: 'closed', why: `by ${closedBy} at ${closedAt}: ${closedBecause}` });
        continue;
      }
      const verdict = judgeGap(gap, looked);
      if (verdict.kind === 'complete') {
        await records.closeGapRecord(stream, id, { at: isoOf(now()), by: user, why: verdict.why });
      }
      reported.push({ ...told, verdict: verdict.kind, why: verdict.why });
    }
    return reported;
  }

  #again(entries: readonly number[]): AsyncIterable<ReadPage> {
    const { table } = this.#comparison;
    return this.#parts.reading.again(
      entries.map((entry) => ({ page: table.page(entry), time: table.time(entry) })),
    );
  }

  #missingEvent(entry: number): MissingEvent {
    const { table } = this.#comparison;
    const time = table.time(entry);
    return { id: table.id(entry), date: time === null ? null : isoOf(time), digest: table.digest(entry) };
  }

  #report(
    missing: readonly number[],
    unchecked: ReconcileReport['unchecked'],
    gaps: ReportedGap[],
  ): ReconcileReport {
    const comparison = this.#comparison;
    return {
      v: 1,
      stream: this.#stream,
      range: rangeOf(this.#range),
      checked: this.#checked === null ? null : rangeOf(this.#checked),
      unchecked,
      source: {
        events: comparison.table.size,
        repeated: comparison.repeated,
        pages: this.#pages,
      },
      sink: { documents: comparison.documents + comparison.extras.length },
      watermark: this.#watermark,
      accounted: {
        deadLettered: [...comparison.absentWith(marks.deadLettered)].length,
        filtered: this.#filtered,
        notYetDue: [...comparison.absentWith(marks.notDue)].length,
        otherStreams: this.#otherStreams,
      },
      missing: missing.map((entry) => this.#missingEvent(entry)),
      duplicated: [...comparison.duplicated.values()],
      altered: comparison.altered,
      extra: comparison.extras,
      gaps,
      problems: this.#problems,
      repair: null,
    };
  }
}

function rangeOf({ from, to }: Stretch): { from: string; to: string } {
  return { from: isoOf(from), to: isoOf(to) };
}

function isoOf(time: number): string {
  return new Date(time).toISOString();
}

/** What stands for the id of a text that has none. */
function malformedId(digest: string): string {
  return deadLetterId({ code: 'AUDIT_EVENT_MALFORMED', eventId: null, digest });
}
