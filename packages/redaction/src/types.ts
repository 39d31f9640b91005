/** What the engine finds. Custom patterns add names of their own. */
export type EntityType =
  | 'PHONE'
  | 'EMAIL'
  | 'SSN'
  | 'CARD'
  | 'IBAN'
  | 'IP'
  | 'DOB'
  | 'PASSPORT'
  | 'LICENCE'
  | 'ACCOUNT';

/** Types that are looked for by default. */
export const STANDARD_TYPES: readonly EntityType[] = ['PHONE', 'EMAIL', 'SSN', 'CARD', 'IBAN'];

/** Types of the `extended` profile: the standard ones and those that need context to be told from other numbers. */
export const EXTENDED_TYPES: readonly EntityType[] = [
  ...STANDARD_TYPES,
  'IP',
  'DOB',
  'PASSPORT',
  'LICENCE',
  'ACCOUNT',
];

/** How sure a detector is. Decides overlaps, see `resolve.ts`. */
export const SHAPE = 1;
export const CONTEXT = 2;
export const PROVEN = 3;
export type Confidence = typeof SHAPE | typeof CONTEXT | typeof PROVEN;

/** A value that a detector claims, as tokens [first, last] of the conversation's stream. */
export interface Claim {
  readonly type: string;
  /** The form that every writing of the value has in common; what is hashed. */
  readonly canonical: string;
  readonly confidence: Confidence;
  readonly first: number;
  readonly last: number;
  /** Only part of the value, said again beside it: carries the value's token, is not counted. */
  readonly isFragment?: boolean;
}
