/** Pure: from the values of all rounds to the Markdown table. */

type Goal = { atLeast: number } | { atMost: number };

/** One row: a measure, or a figure that explains one. */
export interface Line {
  /** As in the goals: `P1`. */
  measure: string;
  what: string;
  /** Behind the numbers: `events/s`, `s`, `MB`; empty for a ratio. */
  unit: string;
  /** `null`: a figure without a goal of its own. */
  goal: Goal | null;
  /** One value a round, in their order. */
  rounds: readonly number[];
}

export type Verdict = 'pass' | 'FAIL' | '';

/** The middle value, or the mean of the two in the middle. @throws RangeError for an empty list */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The value below which a share of the values lies, between two neighbours in proportion.
 * @param share 0 to 1
 * @throws RangeError for an empty list
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined) throw new RangeError('No values, no quantile.');
  return below + (above - below) * (place - Math.floor(place));
}

export function verdictOf({ goal, rounds }: Line): Verdict {
  if (goal === null) return '';
  const value = median(rounds);
  return ('atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost) ? 'pass' : 'FAIL';
}

export function markdownTable(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const { measure, what, unit, rounds } = line;
    const verdict = verdictOf(line);
    const shown = rounds.map(shortNumber).join(' ');
    const value = `${shortNumber(median(rounds))}${unit === '' ? '' : ` ${unit}`}`;
    return `| ${measure} | ${what} | ${goalText(line)} | ${verdict === '' ? value : `**${value}**`} | ${shown} | ${verdict} |`;
  });
  return ['| # | measure | goal | median | rounds | |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

function goalText({ goal, unit }: Line): string {
  if (goal === null) return '';
  const [sign, value] = 'atLeast' in goal ? ['≥', goal.atLeast] : ['≤', goal.atMost];
  return `${sign} ${value}${unit === '' ? '' : ` ${unit}`}`;
}

/** Three digits that mean something: 12,345 → `12300` would hide nothing that a benchmark can tell. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}
