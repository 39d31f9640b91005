import { type CountryCode } from 'libphonenumber-js/min';
import type { Random } from './random.ts';
/** Made-up values with their canonical forms, for the generator. */
export declare function usPhone(random: Random): string;
export declare function ssn(random: Random): string;
export declare function card(random: Random): string;
export declare function iban(random: Random): string;
export declare const PHONE_COUNTRIES: readonly CountryCode[];
export interface MadePhone {
    readonly region: CountryCode;
    readonly e164: string;
    readonly national: string;
    readonly international: string;
}
/** A valid number of a country, with libphonenumber's own formatting. */
export declare function countryPhone(random: Random, region: CountryCode): MadePhone;
export interface MadeMail {
    readonly local: string;
    readonly domain: string;
}
export declare function mail(random: Random): MadeMail;
/** An address that can be said: names joined by one sign. */
export declare function sayableMail(random: Random): MadeMail;
export declare function name(random: Random): string;
export declare function isCardPrefix(digits: string): boolean;
//# sourceMappingURL=made-values.d.ts.map