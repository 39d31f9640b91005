export { canonicalJson } from './canonical.ts';
export { type ScannedObject, scanObject } from './object-scan.ts';
export { memberTexts, type Range, splitArray } from './split-array.ts';
