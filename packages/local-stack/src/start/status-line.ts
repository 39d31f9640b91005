/** What the status line shows; `null` = it cannot be read at the moment. */
export interface Status {
  received: number | null;
  indexed: number | null;
  duplicates: number | null;
  deadLetters: number | null;
  /** How far the index is behind what Genesys told of, in seconds. */
  lagSeconds: number | null;
  /** The health gate of the indexers. */
  gate: string | null;
  /** `null`: nothing is archived here. */
  archive: ArchiveStatus | null;
  /** One sentence for each thing that is missing or wrong. */
  problems: readonly string[] | null;
}

export interface ArchiveStatus {
  /** Windows that are archived. */
  windows: number | null;
  /** Conversations that are stored in the bucket. */
  stored: number | null;
  /** Conversations that wait for a person. */
  deadLetters: number | null;
  /** The bucket gate of the uploaders. */
  gate: string | null;
  /** Completion events that were delivered. */
  told: number | null;
}

/** Pure: one line for a person. Unknown figures are `-`. */
export function statusLine(status: Status): string {
  const { lagSeconds, archive } = status;
  const audit = figures({
    received: status.received,
    indexed: status.indexed,
    lag: lagSeconds === null ? null : duration(lagSeconds),
    duplicates: status.duplicates,
    dead: status.deadLetters,
    gate: status.gate,
  });
  const archived =
    archive === null
      ? ''
      : ` | ${figures({
          windows: archive.windows,
          stored: archive.stored,
          dead: archive.deadLetters,
          gate: archive.gate,
          told: archive.told,
        })}`;
  const problem = status.problems?.[0];
  return `${audit}${archived}${problem === undefined ? '' : `  ! ${problem}`}`;
}

function figures(named: Record<string, number | string | null>): string {
  return Object.entries(named)
    .map(
      ([name, value]) =>
        `${name} ${typeof value === 'number' ? value.toLocaleString('en-US') : (value ?? '-')}`,
    )
    .join('  ');
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
