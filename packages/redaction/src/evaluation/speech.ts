import type { Random } from './random.ts';

/** Renders values as speech recognition writes them. */

export type Language = 'en' | 'es' | 'fr' | 'de';

const DIGIT_WORDS: Readonly<Record<Language, readonly string[]>> = {
  en: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
  es: ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'],
  fr: ['zéro', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf'],
  de: ['null', 'eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun'],
};
const TEENS: Readonly<Record<Language, readonly string[]>> = {
  en: 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' '),
  es: 'diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve'.split(' '),
  fr: 'dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf'.split(' '),
  de: 'zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn'.split(' '),
};
const TENS: Readonly<Record<Language, readonly string[]>> = {
  en: 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' '),
  es: 'veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa'.split(' '),
  fr: 'vingt trente quarante cinquante soixante soixante-dix quatre-vingts quatre-vingt-dix'.split(' '),
  de: 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' '),
};
const SPANISH_TWENTIES =
  'veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve'.split(
    ' ',
  );
const GERMAN_UNITS = ['', 'ein', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun'];

/** Two digits, first not zero, as one number. */
function pairWord(pair: string, language: Language): string {
  const value = Number(pair);
  const [tens, unit] = [Math.floor(value / 10), value % 10];
  if (value < 20) return (TEENS[language][value - 10] as string) ?? '';
  if (language === 'es' && tens === 2) return SPANISH_TWENTIES[unit] as string;
  const ten = TENS[language][tens - 2] as string;
  if (unit === 0) return ten;
  if (language === 'en') return `${ten} ${DIGIT_WORDS.en[unit]}`;
  if (language === 'es') return `${ten} y ${DIGIT_WORDS.es[unit]}`;
  if (language === 'de') return `${GERMAN_UNITS[unit]}und${ten}`;
  if (tens === 7 || tens === 9) {
    const base = tens === 7 ? 'soixante' : 'quatre-vingt';
    return tens === 7 && unit === 1 ? 'soixante et onze' : `${base}-${TEENS.fr[unit]}`;
  }
  if (tens === 8) return `quatre-vingt-${DIGIT_WORDS.fr[unit]}`;
  return unit === 1 ? `${ten} et un` : `${ten}-${DIGIT_WORDS.fr[unit]}`;
}

function digitWord(random: Random, digit: string, language: Language): string {
  if (language === 'en' && digit === '0') return random.pick(['zero', 'oh', 'o', 'zero']);
  if (language === 'de' && digit === '2' && random.chance(0.4)) return 'zwo';
  return DIGIT_WORDS[language][Number(digit)] as string;
}

const FILLERS: Readonly<Record<Language, readonly string[]>> = {
  en: ['um', 'uh', 'er', 'uhm', 'hmm'],
  es: ['eh', 'este', 'mm'],
  fr: ['euh', 'heu', 'ben'],
  de: ['äh', 'ähm', 'hm'],
};

const REPEATS: Readonly<Record<Language, readonly [string, string] | null>> = {
  en: ['double', 'triple'],
  es: ['doble', 'triple'],
  fr: ['double', 'triple'],
  de: null,
};

/** Speaks digits in groups; every choice of manner is made once a number. */
export function speakDigits(random: Random, groups: readonly string[], language: Language): string {
  const style = random.pick([
    'plain',
    'plain',
    'plain',
    'repeats',
    'fillers',
    'mixed',
    'pairs',
    'hyphens',
    'typed',
  ] as const);
  const pause = random.pick([' ', ' ', ', ', '... ', '. ', ' - ', language === 'en' ? ' dash ' : ' ']);
  const repeats = REPEATS[language];
  const spoken = groups.map((group) => {
    const words: string[] = [];
    for (let at = 0; at < group.length; at++) {
      const digit = group.charAt(at);
      let same = 1;
      while (group.charAt(at + same) === digit) same++;
      if (style === 'repeats' && repeats !== null && same >= 2) {
        const count = Math.min(same, 3);
        words.push(`${repeats[count - 2]} ${digitWord(random, digit, language)}`);
        at += count - 1;
      } else if (
        style === 'pairs' &&
        digit !== '0' &&
        at + 1 < group.length &&
        group.length % 2 === 0 &&
        at % 2 === 0
      ) {
        // In French and Spanish tens before units are one number; a lone ten before a unit would be read with it.
        words.push(pairWord(group.slice(at, at + 2), language));
        at++;
      } else if ((style === 'mixed' && random.chance(0.5)) || style === 'typed') {
        words.push(digit);
      } else {
        words.push(digitWord(random, digit, language));
      }
      if (style === 'fillers' && random.chance(0.15) && at + 1 < group.length)
        words.push(random.pick(FILLERS[language]));
    }
    return words.join(style === 'hyphens' ? '-' : ' ');
  });
  return spoken.join(style === 'hyphens' ? '-' : pause);
}

const MAIL_WORDS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: { '@': 'at', '.': 'dot', _: 'underscore', '-': 'dash' },
  es: { '@': 'arroba', '.': 'punto', _: 'guion bajo', '-': 'guion' },
  fr: { '@': 'arobase', '.': 'point', _: 'underscore', '-': 'tiret' },
  de: { '@': 'at', '.': 'punkt', _: 'unterstrich', '-': 'bindestrich' },
};

/** "jasper dot yamamoto at yahoo dot com" */
export function speakMail(random: Random, address: string, language: Language): string {
  const words = MAIL_WORDS[language];
  const hyphen = language === 'en' ? random.pick(['dash', 'hyphen', 'minus']) : words['-'];
  return address
    .replace(/[@._-]/g, (sign) => ` ${sign === '-' ? hyphen : words[sign]} `)
    .replace(/\d/g, (digit) => ` ${DIGIT_WORDS[language][Number(digit)]} `)
    .replace(/ {2,}/g, ' ')
    .trim();
}
