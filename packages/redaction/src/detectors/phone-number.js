import { getCountryCallingCode, isSupportedCountry, Metadata, parsePhoneNumberFromString } from 'libphonenumber-js/min';
/** @param number digits, with '+' for the international form */
export function parsePhone(number, region) {
    try {
        const parsed = parsePhoneNumberFromString(number, { defaultCountry: region, extract: false });
        if (parsed === undefined)
            return null;
        return { e164: parsed.number, valid: parsed.isValid(), possible: parsed.isPossible(), callingCode: parsed.countryCallingCode };
    }
    catch {
        return null;
    }
}
const plans = new Map();
const metadata = new Metadata();
export function planOf(region) {
    const known = plans.get(region);
    if (known !== undefined)
        return known;
    metadata.selectNumberingPlan(region);
    // The library's types leave this method out.
    const numberingPlan = metadata.numberingPlan;
    const plan = {
        callingCode: String(getCountryCallingCode(region)),
        trunk: numberingPlan?.nationalPrefix() ?? '',
    };
    plans.set(region, plan);
    return plan;
}
/** The region as libphonenumber knows it; the fallback for one it does not know. */
export function knownRegion(region, fallback) {
    const upper = region?.toUpperCase();
    if (upper === 'UK')
        return 'GB';
    return upper !== undefined && isSupportedCountry(upper) ? upper : fallback;
}
//# sourceMappingURL=phone-number.js.map