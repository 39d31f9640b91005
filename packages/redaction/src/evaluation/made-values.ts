import { type CountryCode, getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import { passesLuhn } from '../detectors/card.ts';
import { passesMod97 } from '../detectors/iban.ts';
import type { Random } from './random.ts';

/** Made-up values with their canonical forms, for the generator. */

export function usPhone(random: Random): string {
  if (random.chance(0.25)) return `555${random.fill('N##')}${random.digits(4)}`;
  if (random.chance(0.2)) return `${random.fill('N##')}55501${random.digits(2)}`;
  return random.fill('N##N######');
}

export function ssn(random: Random): string {
  for (;;) {
    const digits = random.digits(9);
    const area = digits.slice(0, 3);
    const issued =
      area !== '000' &&
      area !== '666' &&
      area < '900' &&
      digits.slice(3, 5) !== '00' &&
      !digits.endsWith('0000');
    if (issued) return digits;
  }
}

const CARD_PREFIXES: ReadonlyArray<readonly [prefix: string, length: number]> = [
  ['4', 16],
  ['51', 16],
  ['53', 16],
  ['55', 16],
  ['2231', 16],
  ['2699', 16],
  ['34', 15],
  ['37', 15],
  ['6011', 16],
  ['65', 16],
  ['3530', 16],
  ['36', 14],
  ['38', 14],
  ['62', 16],
  ['4', 16],
];

export function card(random: Random): string {
  const [prefix, length] = random.pick(CARD_PREFIXES);
  const body = prefix + random.digits(length - prefix.length - 1);
  for (let check = 0; check < 10; check++) if (passesLuhn(body + check)) return body + check;
  return body;
}

const IBAN_FORMS: ReadonlyArray<readonly [country: string, body: string]> = [
  ['DE', '##################'],
  ['GB', '@@@@##############'],
  ['FR', '#######################'],
  ['NL', '@@@@##########'],
  ['CH', '#################'],
  ['ES', '####################'],
  ['AT', '################'],
  ['BE', '############'],
  ['IT', '@######################'],
  ['IE', '@@@@##############'],
  ['PL', '########################'],
  ['PT', '#####################'],
  ['SE', '####################'],
  ['NO', '###########'],
  ['DK', '##############'],
  ['LU', '################'],
  ['FI', '##############'],
  ['MT', '@@@@#####@##@##@##@##@##@##'],
  ['SA', '##@##@###@##@##@##@#'],
];

export function iban(random: Random): string {
  for (;;) {
    const [country, form] = random.pick(IBAN_FORMS);
    const body = random.fill(form);
    for (let check = 2; check <= 98; check++) {
      const value = `${country}${String(check).padStart(2, '0')}${body}`;
      if (passesMod97(value)) return value;
    }
  }
}

export const PHONE_COUNTRIES: readonly CountryCode[] = [
  'GB',
  'DE',
  'FR',
  'ES',
  'IT',
  'NL',
  'BE',
  'CH',
  'AT',
  'IE',
  'PT',
  'SE',
  'NO',
  'DK',
  'FI',
  'PL',
  'CZ',
  'HU',
  'GR',
  'TR',
  'RU',
  'UA',
  'RO',
  'IN',
  'JP',
  'CN',
  'KR',
  'SG',
  'HK',
  'AU',
  'NZ',
  'ZA',
  'BR',
  'MX',
  'AR',
  'CL',
  'CO',
  'AE',
  'IL',
  'EG',
  'NG',
  'KE',
  'PH',
  'ID',
  'MY',
  'TH',
  'VN',
];

export interface MadePhone {
  readonly region: CountryCode;
  readonly e164: string;
  readonly national: string;
  readonly international: string;
}

/** A valid number of a country, with libphonenumber's own formatting. */
export function countryPhone(random: Random, region: CountryCode): MadePhone {
  const example = getExampleNumber(region, examples);
  if (example === undefined) throw new Error(`no example number for ${region}`);
  for (let attempt = 0; attempt < 50; attempt++) {
    const kept = example.nationalNumber.length - random.whole(4, 6);
    const number = `+${example.countryCallingCode}${example.nationalNumber.slice(0, kept)}${random.digits(example.nationalNumber.length - kept)}`;
    const parsed = parsePhoneNumberFromString(number);
    if (parsed?.isValid() !== true || parsed.country !== region) continue;
    return {
      region,
      e164: parsed.number,
      national: parsed.formatNational(),
      international: parsed.formatInternational(),
    };
  }
  return {
    region,
    e164: example.number,
    national: example.formatNational(),
    international: example.formatInternational(),
  };
}

const FIRST =
  'amelia bjorn carmen dmitri elena farid greta hassan ingrid joaquin katya liam mireille nadia oscar paula quinn rosa stefan tamara umar vera walter ximena yusuf zoe hugo petra sanjay leila'.split(
    ' ',
  );
const LAST =
  'abbott bianchi castellano dupont eriksen fischer garcia hoffmann ivanova jansen kowalski lindgren martinez novak okafor pereira quintero rossi schmidt tanaka ulrich vasquez weber xavier yamada zimmerman thornton mcallister obrien delacroix'.split(
    ' ',
  );
const DOMAINS =
  'example.com example.org gmail.com yahoo.com hotmail.com outlook.com icloud.com aol.com proton.me gmx.de web.de orange.fr laposte.net libero.it telefonica.es btinternet.com comcast.net northwind.io tailspin-toys.com mail.contoso.co.uk alpine-ski.ch student.uni-graz.ac.at acme.technology blue.yonder.aero zoho.in docomo.ne.jp'.split(
    ' ',
  );
const PLAIN_DOMAINS = DOMAINS.filter((domain) => domain.split('.').length === 2);

export interface MadeMail {
  readonly local: string;
  readonly domain: string;
}

export function mail(random: Random): MadeMail {
  const [first, last] = [random.pick(FIRST), random.pick(LAST)];
  const number = random.chance(0.3) ? String(random.whole(1, 99)) : '';
  const local = random.pick([
    `${first}.${last}${number}`,
    `${first}_${last}${number}`,
    `${first}-${last}${number}`,
    `${first}${last}${number}`,
    `${first[0]}${last}${number}`,
    `${first}.${last[0]}.${random.pick(LAST)}`,
    `${last}.${first}${number}`,
    `${first}.${last}+${random.pick(['news', 'shop', 'bills'])}`,
  ]);
  return { local, domain: random.pick(DOMAINS) };
}

/** An address that can be said: names joined by one sign. */
export function sayableMail(random: Random): MadeMail {
  const [first, last] = [random.pick(FIRST), random.pick(LAST)];
  const local = random.pick([
    `${first}.${last}`,
    `${first}_${last}`,
    `${first}-${last}`,
    `${last}.${first}`,
    `${first}.${random.pick(FIRST)}.${last}`,
  ]);
  return { local, domain: random.pick(PLAIN_DOMAINS) };
}

export function name(random: Random): string {
  const capital = (word: string): string => (word[0] as string).toUpperCase() + word.slice(1);
  const first = capital(random.pick(FIRST));
  return random.chance(0.5) ? first : `${first} ${capital(random.pick(LAST))}`;
}
