import type { AuditStream } from '../audit/stream.ts';
import { type Filter, passes } from './filter.ts';

/** A page before it becomes a reply. */
export interface Page {
  /** Positions of its events, in the order in which they are sent. */
  positions: number[];
  /** Where reading goes on. */
  end: number;
  /** True where nothing stands behind it now. */
  reachedHead: boolean;
}

/** So many positions are looked at for one page; a page of nothing but filtered events moves the cursor and is empty. */
const LOOKED_AT = 10_000;

/** Collects up to `limit` events from `start` on that meet the filters. */
export function collectPage(
  stream: AuditStream,
  start: number,
  head: number,
  limit: number,
  filters: readonly Filter[],
): Page {
  const positions: number[] = [];
  const last = Math.min(head, start + LOOKED_AT);
  let end = start;
  while (end < last && positions.length < limit) {
    if (passes(stream.event(end).fields, filters)) positions.push(end);
    end += 1;
  }
  return { positions, end, reachedHead: end >= head };
}

/** The same page with at most `count` of its events; reading goes on behind the last one kept. */
export function shorten(page: Page, count: number): Page {
  if (page.positions.length <= count) return page;
  const positions = page.positions.slice(0, count);
  return { positions, end: (positions.at(-1) ?? page.end - 1) + 1, reachedHead: false };
}

/** The last `count` events before `start` that meet the filters, in stream order. */
export function eventsBefore(
  stream: AuditStream,
  start: number,
  count: number,
  filters: readonly Filter[],
): number[] {
  const positions: number[] = [];
  for (let n = start - 1; n >= 0 && positions.length < count; n--) {
    if (passes(stream.event(n).fields, filters)) positions.unshift(n);
  }
  return positions;
}
