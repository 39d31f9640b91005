import { counted, printable, table } from '../terminal/text.ts';
import type { Result } from './probe.ts';

const words: Readonly<Record<Result['kind'], string>> = {
  ok: 'ok',
  look: 'look',
  wrong: 'WRONG',
  unused: 'unused',
  'not-tried': '-',
};

/** A line each: whether it is in order, what it is, what is known of it; below what is not, the remedy. */
export function checkText(results: readonly Result[]): string {
  const lines = table(
    results.map((result) => [words[result.kind], result.name, printable(firstLine(result), 160)]),
  ).split('\n');
  const body = results.flatMap((result, at) => [lines[at] ?? '', ...below(result)]);
  return `${[...body, '', summary(results)].join('\n')}\n`;
}

function firstLine(result: Result): string {
  if (result.kind === 'not-tried') return `not tried: ${result.after} comes first`;
  return result.said.includes('\n') ? '' : result.said;
}

function below(result: Result): string[] {
  if (result.kind === 'not-tried') return [];
  const lines = result.said.includes('\n') || result.said.length > 160 ? result.said.split('\n') : [];
  return [
    ...lines.map((line) => `       ${printable(line, 1_000)}`),
    ...('remedy' in result ? [`       do: ${printable(result.remedy, 1_000)}`] : []),
  ];
}

function summary(results: readonly Result[]): string {
  const of = (kind: Result['kind']): number => results.filter((result) => result.kind === kind).length;
  const [wrong, looks, untried] = [of('wrong'), of('look'), of('not-tried')];
  const parts = [
    ...(wrong > 0 ? [`${counted(wrong, 'thing is', 'things are')} wrong`] : ['Nothing is wrong']),
    ...(looks > 0 ? [`${counted(looks, 'thing is', 'things are')} worth a look`] : []),
    ...(untried > 0 ? [`${counted(untried, 'was', 'were')} not tried`] : []),
  ];
  return `${parts.join(', ')}.`;
}
