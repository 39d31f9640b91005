import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  Metadata,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';

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
export function parsePhone(number: string, region: CountryCode): ParsedPhone | null {
  try {
    const parsed = parsePhoneNumberFromString(number, { defaultCountry: region, extract: false });
    if (parsed === undefined) return null;
    return {
      e164: parsed.number,
      valid: parsed.isValid(),
      possible: parsed.isPossible(),
      callingCode: parsed.countryCallingCode,
    };
  } catch {
    return null;
  }
}

interface Plan {
  readonly callingCode: string;
  /** What is dialled before a national number at home, '' for none. */
  readonly trunk: string;
}

const plans = new Map<CountryCode, Plan>();
const metadata = new Metadata();

export function planOf(region: CountryCode): Plan {
  const known = plans.get(region);
  if (known !== undefined) return known;
  metadata.selectNumberingPlan(region);
  // The library's types leave this method out.
  const numberingPlan = metadata.numberingPlan as unknown as
    | { nationalPrefix(): string | undefined }
    | undefined;
  const plan = {
    callingCode: String(getCountryCallingCode(region)),
    trunk: numberingPlan?.nationalPrefix() ?? '',
  };
  plans.set(region, plan);
  return plan;
}

/** The region as libphonenumber knows it; the fallback for one it does not know. */
export function knownRegion(region: string | undefined, fallback: CountryCode): CountryCode {
  const upper = region?.toUpperCase();
  if (upper === 'UK') return 'GB';
  return upper !== undefined && isSupportedCountry(upper) ? upper : fallback;
}
