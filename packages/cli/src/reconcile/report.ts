import { type ExitCode, exitCodes } from '../frame/exit-codes.ts';
import { count, counted, printable } from '../terminal/text.ts';
import type { Altered, Duplicated, Extra } from './comparison.ts';

/** What a reconcile found; `--json` prints it as it is. Times are ISO 8601 in UTC, ranges include their `from` only. */
export interface ReconcileReport {
  v: 1;
  stream: string;
  range: { from: string; to: string };
  /** What could be compared with the source; `null`: nothing of the range. */
  checked: { from: string; to: string } | null;
  /**
   * What lies before the replay window. Its documents are compared with the digests noted beside them; whether one is
   * missing, or one too many, cannot be told.
   */
  unchecked: { from: string; to: string; documents: number } | null;
  source: { events: number; repeated: number; pages: number };
  sink: { documents: number };
  /** How far the stream is indexed; `behind` = pages received and not settled yet. `null`: not known. */
  watermark: { seq: number; at: string | null; behind: number } | null;
  /** Not in their place, and rightly so. `filtered`: indexed once, left out by the filter of today. */
  accounted: { deadLettered: number; filtered: number; notYetDue: number; otherStreams: number };
  missing: MissingEvent[];
  duplicated: Duplicated[];
  altered: Altered[];
  extra: Extra[];
  gaps: ReportedGap[];
  /** Why it could not be completed, a sentence each. */
  problems: string[];
  /** What `--repair` put on the queue; `null` without it. */
  repair: RepairReport | null;
}

export interface MissingEvent {
  /** `malformed-` and its digest where it is no event. */
  id: string;
  /** `null` where it has no date that can be read. */
  date: string | null;
  digest: string;
}

export interface ReportedGap {
  id: string;
  /** The stream itself, or one of its own that reads a part of it. */
  stream: string;
  from: string | null;
  to: string | null;
  reason: string;
  recordedAt: string;
  /** `closed`: by an earlier run; `complete`: closed by this one. */
  verdict: 'complete' | 'closed' | 'open';
  why: string;
}

export interface RepairReport {
  events: number;
  jobs: number;
  /** Events whose job stands on the queue from an earlier run. */
  alreadyQueued: number;
  /** Ids of events that Genesys does not give any more. */
  gone: string[];
}

function differences(report: ReconcileReport): number {
  return report.missing.length + report.duplicated.length + report.altered.length + report.extra.length;
}

export function exitCodeOfReport(report: ReconcileReport): ExitCode {
  if (differences(report) > 0) return exitCodes.findings;
  return report.problems.length > 0 || report.unchecked !== null ? exitCodes.incomplete : exitCodes.ok;
}

/** How many of a kind are listed for people; `--json` has all. */
const listed = 20;

export function reportText(report: ReconcileReport): string {
  const { range, checked, unchecked, source, sink, accounted } = report;
  const lines = [`Stream ${report.stream}, ${range.from} to ${range.to}`];
  lines.push(
    checked === null
      ? '  nothing of it lies inside the replay window'
      : `  compared       ${checked.from} to ${checked.to}`,
    `  source         ${counted(source.events, 'event')}, ${counted(source.repeated, 'repeat')}, ${counted(source.pages, 'page')} read`,
    `  Elasticsearch  ${counted(sink.documents, 'document')}`,
    `  accounted for  ${count(accounted.deadLettered)} dead letters, ${count(accounted.filtered)} filtered, ${count(accounted.notYetDue)} not indexed yet`,
  );
  if (accounted.otherStreams > 0)
    lines.push(`                 ${counted(accounted.otherStreams, 'document')} of other streams`);
  if (report.watermark !== null) {
    const { seq, at, behind } = report.watermark;
    lines.push(
      `  indexed up to  page ${seq}${at === null ? '' : `, ${at}`}, ${counted(behind, 'page')} behind`,
    );
  }
  if (unchecked !== null) {
    lines.push(
      `  NOT compared   ${unchecked.from} to ${unchecked.to}: Genesys' replay window begins later.`,
      `                 ${counted(unchecked.documents, 'document')} there agree with their own digests unless named below; whether any is missing cannot be told.`,
    );
  }
  lines.push(
    '',
    ...findings('missing', report.missing, ({ id, date }) => `${printable(id)}  ${date ?? 'no date'}`),
    ...findings(
      'duplicated',
      report.duplicated,
      ({ id, indices }) => `${printable(id)}  ${indices.join(', ')}`,
    ),
    ...findings('altered', report.altered, ({ id, index, what }) => `${printable(id)}  ${index}  ${what}`),
    ...findings('extra', report.extra, ({ id, index }) => `${printable(id)}  ${index}`),
  );
  if (report.gaps.length > 0) {
    lines.push('', `gap records: ${report.gaps.length}`);
    for (const gap of report.gaps) {
      lines.push(
        `  ${gap.verdict.padEnd(8)}  ${gap.id}  ${gap.from ?? 'unknown'} to ${gap.to ?? 'unknown'}  ${gap.reason}: ${printable(gap.why)}${gap.stream === report.stream ? '' : ` (stream ${gap.stream})`}`,
      );
    }
  }
  if (report.repair !== null) lines.push('', ...repairLines(report.repair));
  for (const problem of report.problems) lines.push('', `Not completed: ${problem}`);
  lines.push('', conclusion(report));
  return `${lines.join('\n')}\n`;
}

function findings<T>(name: string, found: readonly T[], line: (finding: T) => string): string[] {
  const rest = found.length - listed;
  return [
    `${name.padEnd(10)}  ${count(found.length)}`,
    ...found.slice(0, listed).map((finding) => `  ${line(finding)}`),
    ...(rest > 0 ? [`  and ${count(rest)} more (--json lists all)`] : []),
  ];
}

function repairLines({ events, jobs, alreadyQueued, gone }: RepairReport): string[] {
  return [
    `repair: ${counted(events, 'event')} queued in ${counted(jobs, 'job')}; run again when audit-index has drained.`,
    ...(alreadyQueued > 0
      ? [
          `  ${counted(alreadyQueued, 'event')} stood on the queue already; a job that stands failed there has to be retried.`,
        ]
      : []),
    ...(gone.length > 0
      ? [`  ${counted(gone.length, 'event')} could not be read again: they have left the replay window.`]
      : []),
  ];
}

function conclusion(report: ReconcileReport): string {
  switch (exitCodeOfReport(report)) {
    case exitCodes.ok:
      return wellText(report.accounted);
    case exitCodes.findings:
      return `${counted(differences(report), 'difference')} found.`;
    default:
      return 'No difference found in what could be compared.';
  }
}

/** Says no more than was proven. */
function wellText({ deadLettered, notYetDue }: ReconcileReport['accounted']): string {
  if (notYetDue > 0) {
    return `All well so far: ${counted(notYetDue, 'event')} of the range ${notYetDue === 1 ? 'is' : 'are'} not indexed yet. Run again later for the whole.`;
  }
  return deadLettered > 0
    ? `All well: every event stands in Elasticsearch once, as it was read, but for ${counted(deadLettered, 'dead letter')}.`
    : 'All well: every event stands in Elasticsearch once, as it was read.';
}
