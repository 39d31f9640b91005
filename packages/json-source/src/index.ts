export { canonicalJson } from './canonical.ts';
export { type ScannedObject, scanObject } from './object-scan.ts';
export { arrayRanges, memberRanges, memberTexts, type Range, splitArray } from './split-array.ts';
