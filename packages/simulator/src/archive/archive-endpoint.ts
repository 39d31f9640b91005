import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Strike } from '../faults/fault-plan.ts';
import { wantedBytes } from '../http/byte-range.ts';
import { errorReply, methodNotAllowed, missingScopeReply } from '../http/error-reply.ts';
import { mediaType, type ReceivedRequest } from '../http/received-request.ts';
import type { Reply, StreamReply } from '../http/reply.ts';
import { type Outcome, send } from '../http/send.ts';
import { sendStream } from '../http/send-stream.ts';
import type { AccessTokens } from '../login/access-tokens.ts';
import { bearerRefusal, isArchivePermission } from '../login/bearer.ts';
import type { World } from '../world.ts';
import type { Archive, FoundPage } from './archive.ts';
import { type ArchiveQuery, parseQuery } from './archive-query.ts';
import type { Body } from './body.ts';
import { digestHeaders, etagOf } from './digest-headers.ts';
import type { DownloadLog, ServedWindow } from './download-log.ts';
import type { PageTokens } from './page-token.ts';
import { firstOf, type Spoiling, spoiltBody } from './spoilt-body.ts';

/** What a client of the guide contract needs for the archives (B11). */
const SCOPE = 'analytics:conversation:read';

interface Parts {
  world: World;
  archive: Archive;
  tokens: AccessTokens;
  pageTokens: PageTokens;
  downloads: DownloadLog;
  /** Rewrites what starts in [from, to), for good. */
  rewrite: (fromMs: number, toMs: number) => void;
}

/** A page that will be served: its sound body, and the one that faults leave of it. */
interface Serving {
  query: ArchiveQuery;
  page: number;
  found: FoundPage;
  sound: Body;
  served: Body;
  isSpoilt: boolean;
}

/** `POST /api/v2/analytics/conversations/details/query`: the conversation archives of the guide contract. */
export class ArchiveEndpoint {
  readonly #parts: Parts;
  readonly #hostNow: () => number;

  constructor(parts: Parts, hostNow: () => number) {
    this.#parts = parts;
    this.#hostNow = hostNow;
  }

  /** Answers a request that got past the gateway, and logs the download. */
  async serve(
    received: ReceivedRequest,
    strike: Strike,
    response: ServerResponse,
    headers: Record<string, string>,
  ): Promise<Outcome> {
    const at = this.#hostNow();
    const refuse = (reply: Reply) =>
      send(response, { ...reply, headers: { ...reply.headers, ...headers } }, strike);
    const refusal = this.#refuse(received, strike);
    if (refusal !== null) return refuse(refusal);
    const parsed = parseQuery(received.body ?? Buffer.alloc(0), received.headers['x-genesys-storage-class']);
    if (!parsed.ok) return refuse(errorReply(400, 'bad.request', parsed.problem));
    const { query } = parsed;
    const serving = await this.#find(query, received.query.get('page'), strike);
    if (serving === null) {
      return refuse(errorReply(400, 'bad.request', 'The page is not one of this query.'));
    }
    const { etag, reply, first } = this.#reply(received, serving, strike, at);
    if (reply.status === 416) return refuse({ status: 416, headers: reply.headers, body: Buffer.alloc(0) });

    const { outcome, bytes } = await sendStream(
      response,
      { ...reply, headers: { ...reply.headers, ...headers } },
      strike,
    );
    const { found, sound, served, isSpoilt, page } = serving;
    this.#parts.downloads.ended({
      at,
      window: windowOf(query),
      page,
      pages: found.pages,
      conversations: found.end - found.first,
      status: reply.status,
      etag,
      sha256: sound.sha256,
      total: served.length,
      first,
      bytes,
      delivered: outcome !== 'broken' && !isSpoilt && first + bytes === served.length,
      faults: strike.struck,
    });
    return outcome;
  }

  #refuse(received: ReceivedRequest, strike: Strike): Reply | null {
    if (received.method !== 'POST') {
      return methodNotAllowed('POST');
    }
    const { world, tokens } = this.#parts;
    const unauthorized = bearerRefusal(received, strike, tokens, world);
    if (unauthorized !== null) return unauthorized;
    const forbidden = strike.take('forbidden');
    if (forbidden) return missingScopeReply([forbidden.permission ?? SCOPE]);
    const missing = world.missingPermissions.filter(isArchivePermission);
    if (missing.length > 0) return missingScopeReply(missing);
    if (mediaType(received) !== 'application/json') {
      return errorReply(415, 'unsupported.media.type', 'The request body must be application/json.');
    }
    if (received.body === null) {
      return errorReply(413, 'payload.too.large', 'The request body is larger than 512000 bytes.');
    }
    return null;
  }

  async #find(query: ArchiveQuery, token: string | null, strike: Strike): Promise<Serving | null> {
    const { archive, world, pageTokens, rewrite } = this.#parts;
    const page = token === null ? 0 : pageTokens.read(query, token);
    if (page === null) return null;
    const { fromMs, toMs, media, size } = query;
    if (strike.take('archive-rewritten')) rewrite(fromMs, toMs);
    const layout = strike.take('layout')?.layout ?? world.archive.layout;
    const { pages } = world.archive;
    const found = archive.page({
      window: { fromMs, toMs, media },
      page,
      cut: pages === 'size' ? { size } : { pages },
      layout,
    });
    if (found === null) return null;
    const sound = await archive.body(found, layout);
    const fault = strike.take('broken-json', 'truncated-json', 'other-bytes');
    if (fault === null) return { query, page, found, sound, served: sound, isSpoilt: false };
    const spoiling: Spoiling =
      fault.kind === 'broken-json'
        ? { kind: fault.kind, at: fault.at, byte: fault.byte }
        : fault.kind === 'truncated-json'
          ? { kind: fault.kind, bytes: fault.bytes }
          : { kind: fault.kind };
    const key = `${found.key}|${JSON.stringify(spoiling)}`;
    const served = await archive.remembered(key, () => spoiltBody(sound, spoiling));
    return { query, page, found, sound, served, isSpoilt: true };
  }

  #reply(
    received: ReceivedRequest,
    serving: Serving,
    strike: Strike,
    at: number,
  ): { etag: string; reply: StreamReply; first: number } {
    const { query, page, found, served, isSpoilt } = serving;
    const { pageTokens, downloads, world } = this.#parts;
    const etag = strike.take('new-etag') ? `"${randomUUID()}"` : etagOf(served.sha256);
    const unchanged = (received.headers['if-range'] ?? etag) === etag;
    const range = unchanged ? received.headers.range : undefined;
    const asked = wantedBytes(range, served.length);
    const wanted =
      asked.kind !== 'whole' && strike.take('range-ignored') ? ({ kind: 'whole' } as const) : asked;
    if (wanted.kind === 'unsatisfiable') {
      const headers = { 'Content-Range': `bytes */${served.length}`, ETag: etag };
      return { etag, reply: { status: 416, headers, length: 0, chunks: () => [] }, first: 0 };
    }
    const [first, end] = wanted.kind === 'part' ? [wanted.first, wanted.end] : [0, served.length];
    const wrong = strike.take('wrong-digest')?.header ?? null;
    const next = page + 1 < found.pages ? { 'X-Next-Page': pageTokens.issue(query, page + 1) } : {};
    const deliver = () => downloads.deliver(windowOf(query), page, found.pages, at);
    return {
      etag,
      first,
      reply: {
        status: wanted.kind === 'part' ? 206 : 200,
        headers: {
          'Content-Type': 'application/json',
          'Accept-Ranges': 'bytes',
          ETag: etag,
          ...(wanted.kind === 'part'
            ? { 'Content-Range': `bytes ${first}-${end - 1}/${served.length}` }
            : {}),
          ...digestHeaders(world.archive.digest, served.sha256, wrong),
          ...next,
        },
        length: end - first,
        chunks: () => firstOf(served.from(first), end - first),
        ...(end === served.length && !isSpoilt ? { deliver } : {}),
      },
    };
  }
}

function windowOf({ fromMs, toMs, media }: ArchiveQuery): ServedWindow {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString(), media };
}
