import type { BackfillRequest, StreamRecords } from '@trunkline/elasticsearch-sink';
import type { TimeRange } from '../../frame/time-range.ts';

interface Parts {
  readonly records: Pick<StreamRecords, 'requestBackfill' | 'listBackfills'>;
  /** Of whose organisation and filter the range is. */
  readonly stream: string;
  readonly now: () => number;
  readonly user: string;
}

/** The request for a range, made now or found; `again`: where the last one has ended, a new one. */
export async function askForRange(
  parts: Parts,
  range: TimeRange,
  again: boolean,
): Promise<{ request: BackfillRequest; isNew: boolean }> {
  const { records, stream, now, user } = parts;
  const id = streamOf(stream, range);
  const before = (await records.listBackfills(stream)).filter((request) => isOf(request.id, id));
  const last = before.at(-1);
  if (last !== undefined && (last.state === 'open' || !again)) return { request: last, isNew: false };
  const asked = {
    id: before.length === 0 ? id : `${id}.${before.length + 1}`,
    stream,
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    requestedAt: new Date(now()).toISOString(),
    requestedBy: user,
  };
  const isNew = await records.requestBackfill(asked);
  return { request: { ...asked, state: 'open', endedAt: null, why: null }, isNew };
}

/** `default.backfill.20260101T0000-20260701T0000`: it is part of job ids and Redis keys. */
function streamOf(stream: string, { from, to }: TimeRange): string {
  return `${stream}.backfill.${minuteOf(from)}-${minuteOf(to)}`;
}

function minuteOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace(/[-:]/g, '');
}

/** Itself, or one of those that asked again. */
function isOf(id: string, first: string): boolean {
  return id === first || (id.startsWith(`${first}.`) && /^\d+$/.test(id.slice(first.length + 1)));
}
