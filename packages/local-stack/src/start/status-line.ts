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
  /** One sentence for each thing that is missing or wrong. */
  problems: readonly string[];
}

/** Pure: one line for a person. Unknown figures are `-`. */
export function statusLine(status: Status): string {
  const count = (value: number | null): string => (value === null ? '-' : value.toLocaleString('en-US'));
  const figures = [
    `received ${count(status.received)}`,
    `indexed ${count(status.indexed)}`,
    `lag ${status.lagSeconds === null ? '-' : duration(status.lagSeconds)}`,
    `duplicates ${count(status.duplicates)}`,
    `dead letters ${count(status.deadLetters)}`,
    `gate ${status.gate ?? '-'}`,
  ].join('  ');
  const [problem] = status.problems;
  return problem === undefined ? figures : `${figures}  ! ${problem}`;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
