/** Reading the source as far as it goes, without touching the cursors of the stream. */
import { TrunklineError } from '@trunkline/contracts';
import { instantOf } from '@trunkline/elasticsearch-sink';
import type { AuditPage, AuditSource } from '@trunkline/genesys';
import { memberTexts } from '@trunkline/json-source';

export interface WindowPage {
  /** Asks for this page again; `null`: from the window's beginning. */
  readonly cursor: string | null;
  readonly page: AuditPage;
  /** Between 0 and 1; `null` where it cannot be told. */
  readonly share: number | null;
}

/** Pages without events in a row after which the source counts as drained: some give a new cursor with each. */
const emptiesInARow = 100;
/** A date further ahead of the source's clock than this tells nothing of how far the reading is (ms). */
const aheadMs = 60_000;

/**
 * The pages from a cursor on up to what was the head of the stream when reading began. What comes while it reads is left for
 * the next time: a busy stream would otherwise be followed for ever.
 *
 * @param patienceMs how long a page may take, waits that Genesys asked for included
 * @throws TrunklineError as `AuditSource.nextPage`; GENESYS_UNREACHABLE where no page comes in time
 */
export async function* readToHead(
  source: Pick<AuditSource, 'nextPage'>,
  from: string | null,
  patienceMs: number,
  now: () => number,
): AsyncGenerator<WindowPage, void, undefined> {
  let cursor = from;
  let head: number | null = null;
  let first: number | null = null;
  let empties = 0;
  for (;;) {
    const page = await pageInTime(source, cursor, patienceMs);
    const clock = page.serverDate?.getTime() ?? now();
    head ??= clock;
    const times = timesOf(page, clock);
    const latest = times.length === 0 ? null : Math.max(...times);
    first ??= times.length === 0 ? null : Math.min(...times);
    const share = latest === null || first === null ? null : (latest - first) / Math.max(head - first, 1);
    yield { cursor, page, share };
    empties = page.eventTexts.length === 0 ? empties + 1 : 0;
    const next = page.nextCursor;
    const passed = times.length > 0 && Math.min(...times) >= head;
    if (next === null || next === cursor || passed || empties >= emptiesInARow) return;
    cursor = next;
  }
}

/** A page, or an error where it takes too long. */
export async function pageInTime(
  source: Pick<AuditSource, 'nextPage'>,
  cursor: string | null,
  patienceMs: number,
): Promise<AuditPage> {
  const patience = new AbortController();
  const timer = setTimeout(
    () =>
      patience.abort(
        new TrunklineError('GENESYS_UNREACHABLE', {
          message: `Genesys gave no page within ${Math.round(patienceMs / 1_000)} s.`,
          remedy: 'Run the command again later, or with a longer --patience.',
        }),
      ),
    patienceMs,
  );
  try {
    return await source.nextPage(cursor, patience.signal);
  } finally {
    clearTimeout(timer);
  }
}

function timesOf(page: AuditPage, clock: number): number[] {
  return page.eventTexts
    .map(timeOf)
    .filter((time): time is number => time !== null && time <= clock + aheadMs);
}

/** The time of an event by its source text, read as the index name is; `null` where there is none. */
export function timeOf(text: string): number | null {
  if (!text.trimStart().startsWith('{')) return null;
  const date = memberTexts(text).get('date');
  return date === undefined ? null : instantOf(JSON.parse(date) as unknown);
}
