import type { PageHead } from './archive-source.ts';

/** The range that a 206 holds. `total` is `null` where the server does not know it. */
export interface ContentRange {
  from: number;
  to: number;
  total: number | null;
}

/**
 * @param header `Content-Range` as sent (RFC 9110, 14.4)
 * @returns `null` where it is absent, no range of bytes, or impossible
 */
export function contentRange(header: string | undefined): ContentRange | null {
  const [, from, to, total] = /^bytes[ ]+(\d+)-(\d+)\/(\d+|\*)$/i.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined) return null;
  const range = { from: Number(from), to: Number(to), total: total === '*' ? null : Number(total) };
  const possible = range.from <= range.to && (range.total === null || range.to < range.total);
  return possible ? range : null;
}

/**
 * An entity tag that can stand in `If-Range`, or `null`: a weak one says nothing of single bytes (RFC 9110, 8.8.3 and 13.1.5).
 */
export function strongEtag(header: string | undefined): string | null {
  const text = header?.trim() ?? '';
  return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(text) ? text : null;
}

/** `Content-Length` of a reply with 200; `null` where it is absent or no number. */
export function contentLength(header: string | undefined): number | null {
  const text = header?.trim() ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Whether two heads are of the same bytes: the tag is the same, and nothing that both state differs. */
export function sameRepresentation(one: PageHead, other: PageHead): boolean {
  const agree = <T>(left: T | null, right: T | null): boolean =>
    left === null || right === null || left === right;
  return (
    one.etag !== null &&
    one.etag === other.etag &&
    agree(one.length, other.length) &&
    agree(one.sha256, other.sha256)
  );
}
