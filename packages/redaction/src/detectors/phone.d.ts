import { type Confidence } from '../types.ts';
import { type Candidate } from './candidate.ts';
/**
 * Telephone numbers.
 *
 * What is written with '+' is one. Otherwise the conversation's region decides how a national number looks:
 * - North America (+1): ten digits, or eleven with a leading 1. Grouped 3-3-4 they are taken by shape, area codes
 *   that are not assigned (555) included; in one piece, when area and exchange begin with 2 to 9; seven digits when
 *   grouped 3-4, or where a telephone is named.
 * - Elsewhere: what libphonenumber finds valid, with the trunk prefix or in groups where the country dials one; what
 *   it finds possible, with the trunk prefix and in groups.
 * Where a telephone is named or was asked for, any number of plausible length is taken: strict validity leaks.
 * An order, an account or the like named directly before vetoes; so do letters hanging on the digits.
 */
export declare function phoneAt(candidate: Candidate): {
    canonical: string;
    confidence: Confidence;
} | null;
//# sourceMappingURL=phone.d.ts.map