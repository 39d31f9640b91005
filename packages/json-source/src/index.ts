export { canonicalJson } from './canonical.ts';
export { memberTexts, splitArray } from './split-array.ts';
