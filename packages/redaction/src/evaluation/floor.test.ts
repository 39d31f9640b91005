import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generateLines, type Part } from './generate.ts';
import { type Shares, scoreEngine, sharesOf } from './run.ts';
import { readBlindSamples, readSamples } from './samples.ts';

/**
 * The floor that only goes up: shares in per cent that a change of the rules may lower and never raise. After a change
 * that lowers them, `floor.json` is lowered to what is measured.
 */
const floor = JSON.parse(readFileSync(new URL('floor.json', import.meta.url), 'utf8')) as {
  seed: number;
  lines: number;
  parts: Record<Part, Shares>;
};

it('leaks and harms nothing in the samples', () => {
  const { leakedOverall, harmed, tokensWrong } = sharesOf(scoreEngine(readSamples()));
  expect({ leakedOverall, harmed, tokensWrong }).toEqual({ leakedOverall: 0, harmed: 0, tokensWrong: 0 });
});

it('leaks and harms nothing in the sentences of a second hand', () => {
  const { leakedOverall, harmed, tokensWrong } = sharesOf(scoreEngine(readBlindSamples()));
  expect({ leakedOverall, harmed, tokensWrong }).toEqual({ leakedOverall: 0, harmed: 0, tokensWrong: 0 });
});

describe.each(['tuning', 'held-out'] as const)('on the %s part of the evaluation set', (part) => {
  const measured = sharesOf(scoreEngine(generateLines(floor.seed, floor.lines, part)));
  const allowed = floor.parts[part];

  it('no group leaks more values than it did', () => {
    for (const [group, share] of Object.entries(measured.leaked)) {
      expect(share, group).toBeLessThanOrEqual(allowed.leaked[group] ?? 0);
    }
    expect(measured.leakedOverall).toBeLessThanOrEqual(allowed.leakedOverall);
  });

  it('no more harmless lines are changed than were', () => {
    expect(measured.harmed).toBeLessThanOrEqual(allowed.harmed);
  });

  it('no more values have a wrong token than had', () => {
    expect(measured.tokensWrong).toBeLessThanOrEqual(allowed.tokensWrong);
  });
});
