export { canonicalJson } from './canonical.ts';
export { type Member, type ScannedObject, scanArray, scanMembers, scanObject } from './object-scan.ts';
export { memberTexts, type Range, splitArray } from './split-array.ts';
