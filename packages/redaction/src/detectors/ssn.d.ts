import { type Confidence } from '../types.ts';
import { type Candidate } from './candidate.ts';
/**
 * US social security numbers.
 *
 * In 3-2-4 with any separator they are taken by shape when the Social Security Administration could have issued
 * them (area not 000, 666 or 900-999 except taxpayer numbers, group not 00, serial not 0000), unless an order, a
 * part or the like is named directly before. Nine digits grouped otherwise, or bare, only where a social security
 * number is named or was asked for; then the issuing rules do not matter, since people mistype.
 */
export declare function ssnAt(candidate: Candidate): {
    canonical: string;
    confidence: Confidence;
} | null;
/** Whether the number can have been issued, as social security or individual taxpayer number (SSA, IRS). */
export declare function isIssued(digits: string): boolean;
//# sourceMappingURL=ssn.d.ts.map