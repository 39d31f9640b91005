import { createHash, randomBytes } from 'node:crypto';
import { stageChunkName, stagePlaces } from '@trunkline/claim-check/stage';
import type { ArchiveQuery, PageHead } from '@trunkline/genesys';
import { z } from 'zod';

/**
 * How a page lies in the stage while its window is fetched. Pure: names and notes only.
 *
 * A page is downloaded into `windows/<window>/fetch-<attempt>/<page>-<request>-<version>-<take>/<chunk>`: `request` is a digest of what
 * was asked for, `version` one of what the source said of the bytes (or random, where it gave them no strong entity tag), `take`
 * counts the downloads of the attempt. Chunks of one version and index are interchangeable, whoever wrote them.
 */
export interface PagePlace {
  page: number;
  request: string;
  version: string;
}

/** Note `head` of a take, written before its first chunk: what a later attempt needs to go on. */
export const headNote = z.object({
  etag: z.string().nullable(),
  length: z.number().int().nonnegative().nullable(),
  sha256: z.string().nullable(),
  nextPage: z.string().nullable(),
});

/** Note `done` of a take: the page is whole, and was compared with its digest. */
export const doneNote = z.object({
  v: z.literal(1),
  chunks: z.array(z.string().min(1)),
  bytes: z.number().int().nonnegative(),
  sha256: z.string(),
  verified: z.boolean(),
  nextPage: z.string().nullable(),
  /** That the source made this page of; `null`: it does not tell. */
  conversations: z.number().int().nonnegative().nullable().default(null),
  /** Texts that they are without. */
  missingTexts: z.number().int().nonnegative().default(0),
  at: z.number(),
});

/** A whole page in the stage. */
export type StagedPage = Omit<z.infer<typeof doneNote>, 'v' | 'at'> & { place: PagePlace };

export function requestOf(query: ArchiveQuery, page: string | null): string {
  const { from, to, mediaTypes, pageSize, without } = query;
  const asked = [from, to, mediaTypes, pageSize, page];
  return digest(JSON.stringify(without.size === 0 ? asked : [...asked, [...without].sort()]), 8);
}

export function versionOf(head: PageHead): string {
  if (head.etag === null) return `x${randomBytes(6).toString('hex')}`;
  return digest(JSON.stringify([head.etag, head.length, head.sha256]), 12);
}

/** Place of the take that an attempt writes, with its `/`. */
export function takePlace(windowId: string, attempt: string, place: PagePlace, take: number): string {
  return `${stagePlaces.attempt(windowId, attempt)}${pageName(place)}-t${take}/`;
}

export function chunkName(take: string, index: number): string {
  return stageChunkName(take.slice(0, -1), index);
}

/** Note that a version of a page is not to be used: its bytes are not those that the source states, or no archive. */
export function refusedName(windowId: string, place: PagePlace): string {
  return `${stagePlaces.window(windowId)}refused/${pageName(place)}`;
}

/** What a name in the stage says of a page; `null`: it is none of these. */
export function readName(
  windowId: string,
  name: string,
): (PagePlace & ({ kind: 'refused' } | { kind: 'head' | 'done' } | { kind: 'chunk'; index: number })) | null {
  const window = stagePlaces.window(windowId);
  if (!name.startsWith(window)) return null;
  const [, refused, page, request, version, part] =
    /^(?:(refused)|fetch-[^/]+)\/p(\d+)-([0-9a-f]{8})-(\w+)(?:-t\d+\/(head|done|\d+))?$/.exec(
      name.slice(window.length),
    ) ?? [];
  if (page === undefined || request === undefined || version === undefined) return null;
  const place = { page: Number(page), request, version };
  if (refused !== undefined) return part === undefined ? { ...place, kind: 'refused' } : null;
  if (part === undefined) return null;
  return part === 'head' || part === 'done'
    ? { ...place, kind: part }
    : { ...place, kind: 'chunk', index: Number(part) };
}

function pageName({ page, request, version }: PagePlace): string {
  return `p${String(page).padStart(5, '0')}-${request}-${version}`;
}

function digest(text: string, length: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
