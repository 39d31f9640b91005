import { parseArgs } from 'node:util';
import { generateLines } from '../evaluation/generate.ts';
import type { Score } from '../evaluation/measure.ts';
import { scoreEngine, tableOf } from '../evaluation/run.ts';
import { readBlindSamples, readSamples } from '../evaluation/samples.ts';
import { callerPath } from './paths.ts';

/**
 * `evaluate [--samples FILE] [--lines N] [--seed N] [--subs] [--failures N]`: what is leaked and what is changed without
 * need, by group, over the labelled samples, over the package's own set, and over the part of it that is held out from
 * tuning. The own set is made anew from its seed each time.
 */
const { values } = parseArgs({
  options: {
    samples: { type: 'string' },
    lines: { type: 'string', default: '60000' },
    seed: { type: 'string', default: '20261122' },
    subs: { type: 'boolean', default: false },
    failures: { type: 'string', default: '0' },
  },
});

/** Made-up data: shown on purpose, for tuning. Never for the held-out part. */
function showFailures(score: Score): void {
  for (const { line, what, redacted } of score.failures.slice(0, Number(values.failures))) {
    console.log(
      `${line.group}/${line.sub} ${line.region} ${what}\n  ${JSON.stringify(line.text)}\n  ${JSON.stringify(redacted)}`,
    );
  }
}

const samples = values.samples === undefined ? readSamples() : readSamples(callerPath(values.samples));
const sampled = scoreEngine(samples);
console.log(`${tableOf(`Samples: ${samples.length} lines`, sampled, values.subs)}\n`);
showFailures(sampled);
const blind = readBlindSamples();
console.log(`${tableOf(`Second hand: ${blind.length} lines`, scoreEngine(blind), values.subs)}\n`);
const count = Number(values.lines);
const seed = Number(values.seed);
const tuning = scoreEngine(generateLines(seed, count, 'tuning'));
console.log(`${tableOf(`Own set: ${count} lines, seed ${seed}`, tuning, values.subs)}\n`);
showFailures(tuning);
const heldOut = Math.floor(count / 2);
console.log(
  tableOf(
    `Held out from tuning: ${heldOut} lines, seed ${seed + 1}`,
    scoreEngine(generateLines(seed + 1, heldOut, 'held-out')),
    values.subs,
  ),
);
