import { DE, EN, ES, FR, type NumberKind, type NumberWord } from './word-flags.ts';

/**
 * Number words of the four languages, as spoken in contact centres, without accents (the lexicon folds accents).
 * A word that two languages share (`six`, `double`) carries both.
 */
export const numberWords = new Map<string, NumberWord>();

function add(words: string, kind: NumberKind, value: number, languages: number): void {
  for (const word of words.split(' ')) {
    const known = numberWords.get(word);
    // The same spelling with another value in another language: the first table wins ("once", "elf" are no clash).
    if (known !== undefined && (known.kind !== kind || known.value !== value)) continue;
    numberWords.set(word, { kind, value, languages: languages | (known?.languages ?? 0) });
  }
}

function series(words: string, kind: NumberKind, first: number, step: number, languages: number): void {
  words.split(' ').forEach((alternatives, index) => {
    add(alternatives.replaceAll('|', ' '), kind, first + index * step, languages);
  });
}

series(
  'zero|oh|o|nought|naught one|won two three|tree four|fower five|fife six seven eight|ate nine|niner',
  'digit',
  0,
  1,
  EN,
);
series('ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 'teen', 10, 1, EN);
series('twenty thirty forty|fourty fifty sixty seventy eighty ninety|ninty', 'tens', 20, 10, EN);
add('hundred', 'hundred', 100, EN);
add('thousand', 'thousand', 1000, EN);
add('double', 'repeat', 2, EN | FR);
add('triple', 'repeat', 3, EN | FR | ES);
add('treble', 'repeat', 3, EN);
add('quadruple', 'repeat', 4, EN);

series('cero uno|una dos tres cuatro cinco seis siete ocho nueve', 'digit', 0, 1, ES);
series('diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve', 'teen', 10, 1, ES);
series(
  'veinte veintiuno|veintiun veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve',
  'teen',
  20,
  1,
  ES,
);
series('treinta cuarenta cincuenta sesenta setenta ochenta noventa', 'tens', 30, 10, ES);
series(
  'cien|ciento doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas quinientos|quinientas seiscientos|seiscientas setecientos|setecientas ochocientos|ochocientas novecientos|novecientas',
  'hundreds',
  100,
  100,
  ES,
);
add('doble', 'repeat', 2, ES);
add('mil', 'thousand', 1000, ES);

series('zero|zero un|une deux trois quatre cinq six sept huit neuf', 'digit', 0, 1, FR);
series('dix onze douze treize quatorze quinze seize', 'teen', 10, 1, FR);
series('vingt trente quarante cinquante soixante septante octante|huitante nonante', 'tens', 20, 10, FR);
add('vingts', 'tens', 20, FR);
add('huitante', 'tens', 80, FR);
add('nonante', 'tens', 90, FR);
add('cent|cents'.replace('|', ' '), 'hundred', 100, FR);
add('mille', 'thousand', 1000, FR);

series('null eins|ein zwei|zwo drei vier funf|fuenf sechs sieben acht neun', 'digit', 0, 1, DE);
series(
  'zehn elf zwolf|zwoelf dreizehn vierzehn funfzehn|fuenfzehn sechzehn siebzehn achtzehn neunzehn',
  'teen',
  10,
  1,
  DE,
);
const germanTens = 'zwanzig dreisig|dreissig vierzig funfzig|fuenfzig sechzig siebzig achtzig neunzig'.split(
  ' ',
);
const germanUnits = 'ein zwei|zwo drei vier funf|fuenf sechs sieben acht neun'.split(' ');
germanTens.forEach((tens, t) => {
  for (const ten of tens.split('|')) {
    add(ten, 'tens', 20 + t * 10, DE);
    germanUnits.forEach((units, u) => {
      for (const unit of units.split('|')) add(`${unit}und${ten}`, 'teen', 20 + t * 10 + u + 1, DE);
    });
  }
});
add('hundert', 'hundred', 100, DE);
add('tausend', 'thousand', 1000, DE);
germanUnits.forEach((units, u) => {
  for (const unit of units.split('|')) add(`${unit}hundert`, 'hundreds', (u + 1) * 100, DE);
});
add('doppel doppelte doppelt', 'repeat', 2, DE);
add('dreifach dreimal', 'repeat', 3, DE);
