export { canonicalJson } from './canonical.ts';
export { arrayRanges, memberRanges, memberTexts, type Range, splitArray } from './split-array.ts';
