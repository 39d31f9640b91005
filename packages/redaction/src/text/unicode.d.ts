/**
 * What a code point becomes in the folded copy. Facts from the Unicode Character Database: decimal digits are
 * general category Nd, dashes Pd (plus the minus sign), spaces Zs, invisible characters Cf and variation selectors.
 */
/** Folding that drops the character. */
export declare const DROP = 0;
/** Folding that leaves the character as it is. */
export declare const KEEP = -1;
/**
 * The folding of a code point above ASCII.
 * @returns an ASCII code, DROP or KEEP
 */
export declare function foldCodePoint(codePoint: number): number;
//# sourceMappingURL=unicode.d.ts.map