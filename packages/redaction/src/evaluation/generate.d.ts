import type { LabelledLine } from './measure.ts';
/** Which sentences a set is made of. */
export type Part = 'tuning' | 'held-out';
/**
 * The evaluation's own set: endless, the same for the same seed. Two lines in five are harmless.
 * @param part sentences to draw from: the tuning two thirds or the held-out third
 */
export declare function generateLines(seed: number, count: number, part: Part): Generator<LabelledLine>;
//# sourceMappingURL=generate.d.ts.map