import type { BackfillRequest } from '@trunkline/elasticsearch-sink';
import { count, counted, printable } from '../../terminal/text.ts';

/** What `backfill audit` prints. */
export interface AuditBackfillReport {
  v: 1;
  /** Id of the stream that reads the range. */
  stream: string;
  range: { from: string; to: string };
  /** Somebody had asked for it already. */
  askedBefore: boolean;
  state: BackfillRequest['state'];
  why: string | null;
  windows: number;
  windowsDone: number;
  /** Pages that are settled; `null`: not looked at. */
  batches: number | null;
  /** Events that were not there before; `null`: not looked at. */
  events: number | null;
  /** Of all processes of the OAuth client together; 0: no limit. */
  requestsPerSecond: number;
}

export function reportText(report: AuditBackfillReport): string {
  const { stream, range, askedBefore, windows, requestsPerSecond } = report;
  const lines = [
    `${range.from} to ${range.to}, ${counted(windows, 'window')}, as stream ${printable(stream)}`,
    stateText(report),
  ];
  if (askedBefore) lines.push('it was asked for before');
  if (report.state === 'open') lines.push(rateText(requestsPerSecond));
  return `${lines.join('\n')}\n`;
}

export function rateText(requestsPerSecond: number): string {
  return requestsPerSecond === 0
    ? 'no limit of requests'
    : `at most ${counted(requestsPerSecond, 'request')} a second, which all processes of the OAuth client share`;
}

function stateText({ state, why, windows, windowsDone, batches, events }: AuditBackfillReport): string {
  const done = `${count(windowsDone)} of ${counted(windows, 'window')} read`;
  switch (state) {
    case 'open':
      return batches === null
        ? 'a fetcher reads it by itself'
        : `${done}, ${counted(events ?? 0, 'new event')}; it is read on by itself`;
    case 'done':
      return events === null ? 'read and indexed' : `read and indexed: ${counted(events, 'new event')}`;
    case 'refused':
      return `refused: ${printable(why ?? '', 500)}`;
    default:
      return state satisfies never;
  }
}
