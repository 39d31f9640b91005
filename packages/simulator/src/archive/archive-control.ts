import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { z } from 'zod';
import { jsonOf, type ReceivedRequest } from '../http/received-request.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { sendNdjson } from '../http/send-ndjson.ts';
import { gatheredItems } from '../platform/conversations/conversation-ledger.ts';
import type { Rendition } from '../platform/conversations/rendition.ts';
import type { World } from '../world.ts';
import type { Archive } from './archive.ts';
import {
  conversationsSchema,
  dataSchema,
  pageSchema,
  rangeSchema,
  windowOf,
} from './archive-control-query.ts';
import { dataOf, describe, type LedgerItem, SummaryCount, servedSlots, slotsOf } from './archive-ledger.ts';
import { archiveChangeSchema, type SavedArchive } from './archive-settings.ts';
import { DAY_MS, type Slot } from './calendar.ts';
import { etagOf } from './digest-headers.ts';
import type { DownloadLog } from './download-log.ts';

const CONVERSATION_PATH = /^archive\/conversations\/([^/]+)$/;
/** Conversations that are written before other requests get a turn. */
const TURN = 50;

/** `GET archive/page`: what the endpoint would answer now. */
export interface ArchivePage {
  page: number;
  pages: number;
  conversations: number;
  bytes: number;
  sha256: string;
  etag: string;
}

/** The part of the control API that is about archives. */
export class ArchiveControl {
  readonly #world: World;
  readonly #archive: Archive;
  readonly #downloads: DownloadLog;
  readonly #rendition: Rendition;

  constructor(parts: { world: World; archive: Archive; downloads: DownloadLog; rendition: Rendition }) {
    this.#world = parts.world;
    this.#archive = parts.archive;
    this.#rendition = parts.rendition;
    this.#downloads = parts.downloads;
  }

  /**
   * Answers a call; null where the answer is already on its way, undefined where there is no such call.
   * @param name method and path behind `/_simulator/`
   */
  async answer(
    name: string,
    request: ReceivedRequest,
    response: ServerResponse,
  ): Promise<Reply | null | undefined> {
    const query = Object.fromEntries(request.query);
    const [method, path] = name.split(' ') as [string, string];
    const id = method === 'GET' ? CONVERSATION_PATH.exec(path)?.[1] : undefined;
    if (id !== undefined) return this.#conversation(id);
    switch (name) {
      case 'POST archive':
        return jsonReply(200, this.change(archiveChangeSchema.parse(jsonOf(request))));
      case 'GET archive':
        return jsonReply(200, this.#world.archive);
      case 'GET archive/windows':
        return jsonReply(200, this.#downloads.windows());
      case 'GET archive/downloads':
        return jsonReply(200, this.#downloads.since(Number(request.query.get('after') ?? 0)));
      case 'GET archive/page':
        return this.#page(pageSchema.parse(query));
      case 'GET archive/summary':
        return jsonReply(200, await this.#summary(this.#slots(rangeSchema.parse(query))));
      case 'GET archive/conversations': {
        const { source, data, ...range } = conversationsSchema.parse(query);
        const wanted = { source: source !== undefined, data: data !== undefined };
        void sendNdjson(response, this.#described(this.#items(range), wanted), TURN);
        return null;
      }
      case 'GET archive/personal-data': {
        const { claimed, distinct, ...range } = dataSchema.parse(query);
        const wanted = claimed === undefined ? null : claimed === '1';
        void sendNdjson(response, this.#data(this.#items(range), wanted, distinct !== undefined), TURN * 20);
        return null;
      }
      default:
        return undefined;
    }
  }

  /** Changes what there is or how it is served; the new settings. */
  change({ day, odd, at, rewrite, ...rest }: z.output<typeof archiveChangeSchema>): SavedArchive {
    const { archive, clock } = this.#world;
    const { conversations, bytes, dailyOdd, pages, digest, layout, lakeLagMinutes, largestPage } = rest;
    if (conversations !== undefined || bytes !== undefined) {
      const before = day === undefined ? archive.volume : archive.days[day];
      const volume = {
        conversations: conversations === undefined ? (before?.conversations ?? null) : conversations,
        bytes: bytes === undefined ? (before?.bytes ?? null) : bytes,
      };
      if (day === undefined) archive.volume = volume;
      else archive.days[day] = volume;
    }
    const noonBefore = Math.floor(clock.now() / DAY_MS) * DAY_MS - DAY_MS / 2;
    const atMs = at === undefined ? noonBefore : Date.parse(at);
    archive.placedOdd.push(...(odd ?? []).map((item) => ({ odd: item, atMs })));
    archive.dailyOdd = dailyOdd ?? archive.dailyOdd;
    archive.pages = pages ?? archive.pages;
    archive.digest = digest ?? archive.digest;
    archive.layout = layout ?? archive.layout;
    archive.lakeLagMinutes = lakeLagMinutes ?? archive.lakeLagMinutes;
    if (largestPage !== undefined) archive.largestPage = largestPage;
    if (rewrite !== undefined) {
      archive.rewrites.push({ fromMs: Date.parse(rewrite.from), toMs: Date.parse(rewrite.to) });
    }
    this.#changed();
    return archive;
  }

  /** The conversations that start in [from, to), epoch ms, have another text from now on. */
  rewrite(fromMs: number, toMs: number): void {
    this.#world.archive.rewrites.push({ fromMs, toMs });
    this.#changed();
  }

  #changed(): void {
    this.#world.save();
    this.#archive.changed(this.#world.archive);
  }

  #conversation(id: string): Reply {
    const slot = this.#archive.find(id);
    if (slot === null) return jsonReply(404, { message: `There is no conversation ${id}.` });
    return jsonReply(200, describe(this.#archive, slot, { source: true, data: true }));
  }

  async #page({ size, page, ...range }: z.output<typeof pageSchema>): Promise<Reply> {
    const { pages, layout } = this.#world.archive;
    const window = windowOf(range);
    const found = this.#archive.page({
      window,
      page,
      cut: pages === 'size' ? { size } : { pages },
      layout,
    });
    if (found === null) return jsonReply(404, { message: `The window has no page ${page}.` });
    const { length, sha256 } = await this.#archive.body(found, layout);
    const answer: ArchivePage = {
      page,
      pages: found.pages,
      conversations: found.end - found.first,
      bytes: length,
      sha256,
      etag: etagOf(sha256),
    };
    return jsonReply(200, answer);
  }

  async #summary(slots: Iterable<Slot>) {
    const count = new SummaryCount();
    for (const slot of slots) {
      count.add(this.#archive, slot);
      if (count.summary.conversations % TURN === 0) await nextTurn();
    }
    return count.summary;
  }

  #slots(range: z.output<typeof rangeSchema>): Iterable<Slot> {
    if (range.served !== undefined) return servedSlots(this.#archive, this.#downloads.windows());
    return slotsOf(this.#archive, windowOf(range));
  }

  *#items({
    contract,
    attributes,
    ...range
  }: Pick<z.output<typeof conversationsSchema>, 'contract' | 'attributes'> & z.output<typeof rangeSchema>) {
    if (contract === 'platform') {
      yield* gatheredItems(this.#archive, this.#rendition, windowOf(range), attributes !== undefined);
      return;
    }
    for (const slot of this.#slots(range)) {
      const item: LedgerItem = {
        conversationId: this.#archive.writer.idOf(slot),
        data: () => dataOf(this.#archive, slot),
        describe: (wanted) => describe(this.#archive, slot, wanted),
      };
      yield item;
    }
  }

  *#described(items: Iterable<LedgerItem>, wanted: { source: boolean; data: boolean }) {
    for (const item of items) yield item.describe(wanted);
  }

  *#data(items: Iterable<LedgerItem>, claimed: boolean | null, distinct: boolean) {
    const seen = new Set<string>();
    for (const { conversationId, data } of items) {
      for (const datum of data()) {
        if (claimed !== null && datum.claimed !== claimed) continue;
        if (distinct) {
          // Bounded by the number of customers: each has so many values in so many writings.
          const key = `${datum.type}|${datum.form}|${datum.claimed}|${datum.written}`;
          if (seen.has(key)) continue;
          seen.add(key);
        }
        yield { conversationId, ...datum };
      }
    }
  }
}
