import { type Confidence } from '../types.ts';
import { type Candidate } from './candidate.ts';
interface Issuer {
    readonly lengths: readonly number[];
    /** Known well enough to be believed without context. */
    readonly common: boolean;
}
export declare function issuerOf(digits: string): Issuer | null;
/** The Luhn check over digits [0, length). */
export declare function passesLuhn(digits: string, length?: number): boolean;
export declare function cardAt(candidate: Candidate): {
    canonical: string;
    confidence: Confidence;
} | null;
export {};
//# sourceMappingURL=card.d.ts.map