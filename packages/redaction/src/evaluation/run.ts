import { createRedactor } from '../redactor.ts';
import { type GroupScore, type LabelledLine, measure, type Score } from './measure.ts';

/** Scores the engine as it ships over labelled lines. */
export function scoreEngine(lines: Iterable<LabelledLine>): Score {
  const redactor = createRedactor({ tokens: { key: 'the evaluation needs no secret key' } });
  return measure(lines, (line) => ({
    redacted: redactor
      .redactConversation(line.phrases, { region: line.region })
      .phrases.map(({ text }) => text)
      .join('\n'),
    replaced: redactor.replacements(line.phrases, { region: line.region }),
  }));
}

/** Shares of a score in per cent: leaked values and harmed lines by group, and over all. */
export interface Shares {
  readonly leaked: Readonly<Record<string, number>>;
  readonly leakedOverall: number;
  readonly harmed: number;
  readonly tokensWrong: number;
}

export function sharesOf(score: Score): Shares {
  const leaked: Record<string, number> = {};
  let values = 0;
  let lost = 0;
  let harmed = 0;
  for (const [name, group] of score.groups) {
    if (name.includes('/')) continue;
    if (group.values > 0) leaked[name] = percent(group.leaked, group.values);
    values += group.values;
    lost += group.leaked;
    if (group.harmless > 0) harmed = percent(group.harmed, group.harmless);
  }
  return {
    leaked,
    leakedOverall: percent(lost, values),
    harmed,
    tokensWrong: percent(score.splitCanonicals + score.sharedTokens, score.canonicals),
  };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 100_000) / 1000;
}

/** The table of a score, a group a row; `withSubs` adds a row for each kind within the groups. */
export function tableOf(title: string, score: Score, withSubs: boolean): string {
  const rows = [...score.groups]
    .filter(([name]) => withSubs || !name.includes('/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const out = [
    title,
    `${'group'.padEnd(28)}${'lines'.padStart(8)}${'values'.padStart(8)}${'leaked'.padStart(8)}${'%'.padStart(8)}${'harmless'.padStart(10)}${'changed'.padStart(9)}${'%'.padStart(8)}`,
  ];
  const row = (name: string, group: GroupScore): string =>
    name.padEnd(28) +
    String(group.lines).padStart(8) +
    (group.values === 0 ? '-' : String(group.values)).padStart(8) +
    (group.values === 0 ? '-' : String(group.leaked)).padStart(8) +
    (group.values === 0 ? '-' : percent(group.leaked, group.values).toFixed(2)).padStart(8) +
    (group.harmless === 0 ? '-' : String(group.harmless)).padStart(10) +
    (group.harmless === 0 ? '-' : String(group.harmed)).padStart(9) +
    (group.harmless === 0 ? '-' : percent(group.harmed, group.harmless).toFixed(2)).padStart(8);
  for (const [name, group] of rows)
    out.push(row(name.includes('/') ? `  ${name.split('/')[1]}` : name, group));
  const all: GroupScore = { lines: 0, values: 0, leaked: 0, harmless: 0, harmed: 0 };
  for (const [name, group] of score.groups) {
    if (name.includes('/')) continue;
    for (const field of Object.keys(all) as Array<keyof GroupScore>) all[field] += group[field];
  }
  out.push(row('all', all));
  out.push(
    `tokens: ${score.canonicals} different values, ${score.splitCanonicals} with more than one token, ${score.sharedTokens} tokens shared by different values`,
  );
  return out.join('\n');
}
