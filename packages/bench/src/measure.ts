import type { BenchOptions } from './options.ts';
import type { Parts } from './parts.ts';

/** What a measure works with. */
export interface Bench {
  parts: Parts;
  options: BenchOptions;
  /** Shows a person how far it is. */
  tell: (line: string) => void;
}
