import { type CountryCode } from 'libphonenumber-js/min';
/**
 * Telephone numbers as numbers: what libphonenumber knows of them, and the canonical form (E.164, or `local:` with
 * the digits where the area is not known).
 */
export interface ParsedPhone {
    readonly e164: string;
    readonly valid: boolean;
    readonly possible: boolean;
    readonly callingCode: string;
}
/** @param number digits, with '+' for the international form */
export declare function parsePhone(number: string, region: CountryCode): ParsedPhone | null;
interface Plan {
    readonly callingCode: string;
    /** What is dialled before a national number at home, '' for none. */
    readonly trunk: string;
}
export declare function planOf(region: CountryCode): Plan;
/** The region as libphonenumber knows it; the fallback for one it does not know. */
export declare function knownRegion(region: string | undefined, fallback: CountryCode): CountryCode;
export {};
//# sourceMappingURL=phone-number.d.ts.map