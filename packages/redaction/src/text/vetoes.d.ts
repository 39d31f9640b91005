import { type TokenStream } from './lexer.ts';
import type { NumberRun } from './number-run.ts';
/**
 * Marks the groups of a run whose shape says that they are no personal value: dates, dotted IP addresses, amounts,
 * coordinates (`dead`), and groups that hang on letters, as in part numbers, UUIDs, versions, file names (`tied`).
 */
export declare function markVetoes(stream: TokenStream, text: string, run: NumberRun): void;
//# sourceMappingURL=vetoes.d.ts.map