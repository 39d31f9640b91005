import { Random, type Seed } from '../audit/random.ts';

type Region = 'US' | 'GB' | 'DE' | 'FR' | 'ES';

/** A customer, who may turn up in many conversations. */
export interface Person {
  number: number;
  first: string;
  last: string;
  region: Region;
  /** E.164. Never a number that a telephone company gave to anybody on purpose, but drawn, not reserved. */
  phone: string;
  secondPhone: string;
  /** As the person writes it; canonical in lower case. */
  mail: string;
  ssn: string;
  card: string;
  iban: string;
}

const PURPOSE_PERSON = 22;
const FIRST = words(
  'Amelia Björn Carmen Dmitri Elena Farid Greta Hassan Ingrid Joaquín Katya Liam Mireille Nadia Oscar Paula Rosa Stefan Tamara Umar Vera Walter Ximena Yusuf Zoë Hugo Petra Sanjay Leila Łukasz',
);
const LAST = words(
  'Abbott Bianchi Castellano Dupont Eriksen Fischer García Hoffmann Ivanova Jansen Kowalski Lindgren Martínez Novak Okafor Pereira Quintero Rossi Schmidt Tanaka Ulrich Vasquez Weber Yamada Zimmerman Thornton Whitlock Brandt Delacroix',
);
const DOMAINS = words(
  'example.com example.org yahoo.com outlook.com icloud.com gmx.de web.de aol.com proton.me',
);
const AREAS = words('212 213 305 312 404 415 469 503 617 626 702 713 808 847 918 937 971');
const REGIONS: readonly Region[] = ['US', 'US', 'US', 'US', 'US', 'US', 'US', 'GB', 'DE', 'FR', 'ES'];

/** The person of a number: a pure function of seed and number. */
export function person(seed: Seed, number: number): Person {
  const random = new Random(seed, PURPOSE_PERSON, number);
  const first = random.pick(FIRST);
  const last = random.pick(LAST);
  const region = random.pick(REGIONS);
  return {
    number,
    first,
    last,
    region,
    phone: phone(random, region),
    secondPhone: phone(random, 'US'),
    mail: `${ascii(first)}${random.pick(['.', '_', '-'])}${ascii(last)}@${random.pick(DOMAINS)}`,
    ssn: withoutZeros(
      () => `${1 + random.below(5)}${digits(random, 2)}${20 + random.below(79)}${1000 + random.below(9000)}`,
    ),
    card: withoutZeros(() => luhn(`${random.pick(['4539', '5312', '6011', '4916'])}${digits(random, 11)}`)),
    iban: withoutZeros(() => iban(`37040144${digits(random, 10)}`)),
  };
}

/**
 * A number that is nobody's: every nine neighbouring digits of it hold `000`, which no personal number here does. So
 * it is never mistaken for a leaked one.
 */
export function harmlessDigits(random: Random, length: number): string {
  let text = '';
  // No zero stands before the three, so that they come every seven digits.
  while (text.length < length)
    text += `${1 + random.below(9)}${10 + random.below(90)}${1 + random.below(9)}000`;
  return text.slice(0, length);
}

/** Digits, the way a person writes and a machine stores them, of a phone of that region. */
function phone(random: Random, region: Region): string {
  return withoutZeros(() => {
    switch (region) {
      case 'US':
        return `+1${random.pick(AREAS)}${2 + random.below(8)}${2 + random.below(8)}${2 + random.below(8)}${digits(random, 4)}`;
      case 'GB':
        return `+4477${digits(random, 8)}`;
      case 'DE':
        return `+491511${digits(random, 7)}`;
      case 'FR':
        return `+336${digits(random, 8)}`;
      case 'ES':
        return `+346${digits(random, 8)}`;
      default:
        return region satisfies never;
    }
  });
}

function digits(random: Random, length: number): string {
  return String(random.below(10 ** length)).padStart(length, '0');
}

function withoutZeros(draw: () => string): string {
  for (;;) {
    const text = draw();
    if (!text.includes('000')) return text;
  }
}

function luhn(body: string): string {
  let sum = 0;
  for (let at = 0; at < body.length; at++) {
    const digit = Number(body[body.length - 1 - at]) * (at % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/** A German IBAN with right check digits (ISO 13616, mod 97; D = 13, E = 14). */
function iban(body: string): string {
  const check = 98n - (BigInt(`${body}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${body}`;
}

function ascii(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').replace(/Ł/g, 'L').toLowerCase();
}

function words(text: string): readonly string[] {
  return text.split(' ');
}
