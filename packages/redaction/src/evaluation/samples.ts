import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LabelledLine } from './measure.ts';

/** The labelled samples that lie beside this file (made-up values). They are not part of the built package. */
const SAMPLES = new URL('pii-samples.jsonl', import.meta.url);

/** Labelled lines of a file, one JSON object a line, in the form of `LabelledLine`. */
export function readSamples(path: string = fileURLToPath(SAMPLES)): LabelledLine[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as LabelledLine);
}
