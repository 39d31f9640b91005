export { canonicalJson } from './canonical.ts';
export { type Member, type ScannedObject, scanMembers, scanObject } from './object-scan.ts';
export { memberTexts, type Range, splitArray } from './split-array.ts';
