import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LabelledLine } from './measure.ts';

/** The labelled samples that lie beside this file (made-up values). They are not part of the built package. */
const SAMPLES = new URL('pii-samples.jsonl', import.meta.url);

/** Sentences, countries and values written by a second hand that had not seen the generator's; held out from tuning. */
const BLIND = new URL('blind-samples.jsonl', import.meta.url);

export function readBlindSamples(): LabelledLine[] {
  return readSamples(fileURLToPath(BLIND));
}

/** Labelled lines of a file, one JSON object a line, in the form of `LabelledLine`. */
export function readSamples(path: string = fileURLToPath(SAMPLES)): LabelledLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as LabelledLine);
}
