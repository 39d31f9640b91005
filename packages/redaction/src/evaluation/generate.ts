import type { Phrase } from '../text/conversation.ts';
import {
  card,
  countryPhone,
  iban,
  type MadeMail,
  mail,
  name,
  PHONE_COUNTRIES,
  sayableMail,
  ssn,
  usPhone,
} from './made-values.ts';
import type { LabelledLine } from './measure.ts';
import { Random } from './random.ts';
import { type Language, speakDigits, speakMail } from './speech.ts';
import * as T from './templates.ts';

/** Which sentences a set is made of. */
export type Part = 'tuning' | 'held-out';

interface Value {
  readonly type: string;
  readonly canonical: string;
  /** `{v}`, `{w}`, `{x}`; a second value has `{y}`. */
  readonly parts: readonly string[];
}

/** Makes one kind of line; `template` and values decide all of it. */
type Maker = (
  random: Random,
  part: Part,
) => { sub: string; region: string; template: string; values: Value[] };

/**
 * The evaluation's own set: endless, the same for the same seed. Two lines in five are harmless.
 * @param part sentences to draw from: the tuning two thirds or the held-out third
 */
export function* generateLines(seed: number, count: number, part: Part): Generator<LabelledLine> {
  const random = new Random(seed);
  const groups = Object.keys(POSITIVE_MAKERS);
  for (let i = 0; i < count; i++) {
    const round = Math.floor(i / 5);
    const group = i % 5 < 2 ? 'negatives' : (groups[(round * 3 + (i % 5) - 2) % groups.length] as string);
    const made = (group === 'negatives' ? negative : (POSITIVE_MAKERS[group] as Maker))(random, part);
    yield lineOf(random, `${part[0]}-${String(i).padStart(6, '0')}`, group, made);
  }
}

function lineOf(
  random: Random,
  id: string,
  group: string,
  made: { sub: string; region: string; template: string; values: Value[] },
): LabelledLine {
  const noisy = random.chance(0.4);
  const opening = noisy ? random.pick(['Good morning. ', 'so ', 'hi ', 'Okay, ', 'Hello, ']) : '';
  const closing = noisy ? random.pick([' Bye.', ' right', ' thanks', '', ' Thank you.']) : '';
  const gold = made.values.map((value) => ({
    type: value.type,
    canonical: value.canonical,
    spans: [] as Array<[number, number]>,
    values: [] as string[],
  }));
  const places = new Map<string, readonly [value: number, part: number]>();
  made.values.forEach((value, index) => {
    value.parts.forEach((_, at) => {
      places.set(index === 0 ? (['v', 'w', 'x'][at] as string) : 'y', [index, at]);
    });
  });
  let offset = 0;
  const sentences = made.template.split('|');
  const phrases: Phrase[] = sentences.map((sentence, index) => {
    const speaker = sentence.startsWith('a:') ? 'agent' : 'customer';
    let body = sentence.slice(2);
    if (index === 0 && sentences.length === 1) body = `${opening}${body}`;
    if (index === sentences.length - 1 && sentences.length === 1) body += closing;
    let text = '';
    let from = 0;
    for (const match of body.matchAll(/\{(\w+)\}/g)) {
      text += body.slice(from, match.index);
      const place = places.get(match[1] as string);
      const filled =
        place === undefined
          ? harmless(random, match[1] as string)
          : (made.values[place[0]]?.parts[place[1]] as string);
      if (place !== undefined) {
        const start = offset + [...text].length;
        gold[place[0]]?.spans.push([start, start + [...filled].length]);
        gold[place[0]]?.values.push(filled);
      }
      text += filled;
      from = match.index + match[0].length;
    }
    text += body.slice(from);
    offset += [...text].length + 1;
    return { speaker, text };
  });
  return {
    id,
    group,
    sub: made.sub,
    region: made.region,
    phrases,
    text: phrases.map((phrase) => phrase.text).join('\n'),
    gold,
  };
}

function harmless(random: Random, kind: string): string {
  switch (kind) {
    case 'name':
      return name(random);
    case 'ref':
      return random.fill(random.pick(['@@#####', '@@@###', 'INC00#####', '@@####@###', '#####']));
    case 'date':
      return random.pick([
        `20${random.whole(18, 26)}-0${random.whole(1, 9)}-${random.whole(10, 28)}`,
        `${random.whole(10, 28)}.0${random.whole(1, 9)}.20${random.whole(18, 26)}`,
        `0${random.whole(1, 9)}/${random.whole(10, 28)}/20${random.whole(18, 26)}`,
      ]);
    default:
      return `{${kind}}`;
  }
}

function template(random: Random, part: Part, of: readonly string[]): string {
  for (;;) {
    const index = random.whole(0, of.length - 1);
    if (T.isHeldOut(index) === (part === 'held-out') || of.length < 3) return of[index] as string;
  }
}

function negative(random: Random, part: Part): ReturnType<Maker> {
  for (;;) {
    const index = random.whole(0, T.NEGATIVE_TEMPLATES.length - 1);
    if (T.isHeldOut(index) !== (part === 'held-out')) continue;
    const [sub, pattern] = T.NEGATIVE_TEMPLATES[index] as readonly [string, string];
    const isoDate = `20${random.whole(18, 26)}-0${random.whole(1, 9)}-${random.whole(10, 28)}`;
    const filled = pattern
      .replaceAll('{isodate}', isoDate)
      .replace(/\{(?!name|date)([^{}]*)\}/g, (_, form: string) => random.fill(form));
    return {
      sub,
      region: random.pick(['US', 'US', 'US', 'US', 'CA', 'GB', 'DE', 'FR', 'ES']),
      template: filled,
      values: [],
    };
  }
}

const US_FORMS = [
  '({a}) {b}-{c}',
  '{a}-{b}-{c}',
  '{a}.{b}.{c}',
  '{a} {b} {c}',
  '{a}{b}{c}',
  '+1 {a} {b} {c}',
  '+1{a}{b}{c}',
  '1-{a}-{b}-{c}',
  '+1 ({a}) {b}-{c}',
  '1 {a} {b} {c}',
  '({a}){b}-{c}',
  '{a}-{b}{c}',
  '{a} {b}-{c}',
  '1{a}{b}{c}',
  '+1.{a}.{b}.{c}',
  '{a}/{b}-{c}',
  '({a}) {b} {c}',
];

function fillUs(form: string, digits: string): string {
  return form
    .replace('{a}', digits.slice(0, 3))
    .replace('{b}', digits.slice(3, 6))
    .replace('{c}', digits.slice(6));
}

function usPhoneValue(random: Random): Value {
  const digits = usPhone(random);
  let written = fillUs(random.pick(US_FORMS), digits);
  if (random.chance(0.08)) written += random.pick([' ext. 45', ' x123', ' extension 7', ', ext 210']);
  return { type: 'PHONE', canonical: `+1${digits}`, parts: [written] };
}

function mailValue(made: MadeMail, written?: string): Value {
  const address = `${made.local}@${made.domain}`;
  return { type: 'EMAIL', canonical: address.toLowerCase(), parts: [written ?? address] };
}

function ssnDashed(digits: string, separator = '-'): string {
  return `${digits.slice(0, 3)}${separator}${digits.slice(3, 5)}${separator}${digits.slice(5)}`;
}

function cardGroups(digits: string): string[] {
  if (digits.length === 15) return [digits.slice(0, 4), digits.slice(4, 10), digits.slice(10)];
  if (digits.length === 14) return [digits.slice(0, 4), digits.slice(4, 10), digits.slice(10)];
  return digits.match(/.{1,4}/g) as string[];
}

function plain(random: Random, part: Part): ReturnType<Maker> {
  switch (random.whole(0, 4)) {
    case 0: {
      const digits = `${random.fill('N##')}${random.digits(4)}`;
      const separator = random.pick(['-', '.', ' ', '-']);
      const value = {
        type: 'PHONE',
        canonical: `local:${digits}`,
        parts: [digits.slice(0, 3) + separator + digits.slice(3)],
      };
      return {
        sub: 'phone7',
        region: 'US',
        template: template(random, part, T.PHONE_TEMPLATES.slice(0, 14)),
        values: [value],
      };
    }
    case 1:
      return {
        sub: 'email',
        region: 'US',
        template: template(random, part, T.MAIL_TEMPLATES),
        values: [mailValue(mail(random))],
      };
    case 2: {
      const digits = ssn(random);
      const of = random.chance(0.3) ? T.SSN_SHAPE_TEMPLATES : T.SSN_TEMPLATES;
      return {
        sub: 'ssn',
        region: 'US',
        template: template(random, part, of),
        values: [{ type: 'SSN', canonical: digits, parts: [ssnDashed(digits)] }],
      };
    }
    default:
      return {
        sub: 'phone',
        region: random.pick(['US', 'US', 'CA']),
        template: template(random, part, T.PHONE_TEMPLATES),
        values: [usPhoneValue(random)],
      };
  }
}

function intl(random: Random, part: Part): ReturnType<Maker> {
  const made = countryPhone(random, random.pick(PHONE_COUNTRIES));
  const native = T.NATIVE_PHONE_TEMPLATES[made.region];
  const of = native !== undefined && random.chance(0.6) ? native : T.PHONE_TEMPLATES;
  const international = random.chance(0.5);
  let written = international ? made.international : made.national;
  const separator = random.pick(['', ' ', '-', '.', ' ', '/']);
  const style = random.whole(0, 4);
  if (style === 1)
    written = written
      .replace(/[ ()-]+/g, (gap) => (gap.includes('(') || gap.includes(')') ? ' ' : separator))
      .trim();
  if (style === 2) written = written.replace(/[^\d+]/g, '');
  if (international && style === 3) written = written.replace(/^\+(\d+) /, '(+$1) ');
  if (international && style === 4) written = `00${written.slice(1)}`;
  const region = international && style !== 4 && random.chance(0.3) ? 'US' : made.region;
  // Written for callers from abroad, the trunk zero in brackets.
  if (
    international &&
    style === 0 &&
    ['DE', 'GB', 'FR', 'AT', 'CH', 'NL', 'BE', 'SE'].includes(made.region) &&
    random.chance(0.4)
  ) {
    written = written.replace(/^\+(\d+) /, '+$1 (0) ');
  }
  if (region === 'RU' || (made.region === 'MX' && !international)) written = made.international;
  if (
    style === 4 &&
    ['AU', 'JP', 'KR', 'SG', 'HK', 'CO', 'BR', 'ID', 'TH', 'KE', 'RU', 'NG', 'FI', 'IL'].includes(made.region)
  )
    written = made.international;
  const value = { type: 'PHONE', canonical: made.e164, parts: [written] };
  return {
    sub: international ? 'international' : 'national',
    region,
    template: template(random, part, of),
    values: [value],
  };
}

const LANGUAGE_REGIONS: Readonly<Record<Language, readonly string[]>> = {
  en: ['US', 'US', 'US', 'GB'],
  es: ['ES', 'US', 'MX'],
  fr: ['FR', 'FR'],
  de: ['DE'],
};
const SPOKEN_PHONE: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'c:my number is {v}',
    'a:number please|c:{v}',
    'c:call me at {v} okay',
    'c:yeah it is {v}',
    'a:best callback|c:um {v}',
    'c:you can text {v} anytime',
    'c:try {v} first',
    'c:reach me on {v} after lunch',
    'c:{v} is my cell',
  ],
  es: [
    'c:mi número es el {v}',
    'a:su teléfono por favor|c:{v}',
    'c:llámeme al {v}',
    'c:es el {v} gracias',
    'c:mi celular {v}',
    'c:el móvil es {v}',
  ],
  fr: [
    'c:mon numéro c’est le {v}',
    'a:votre numéro de téléphone|c:{v}',
    'c:appelez le {v}',
    'c:je suis au {v} merci',
    'c:mon portable {v}',
    'c:rappelez au {v}',
  ],
  de: [
    'c:meine nummer ist {v}',
    'a:ihre telefonnummer|c:{v}',
    'c:rufen sie {v} an',
    'c:das handy {v}',
    'c:erreichbar unter {v} danke',
    'c:also {v}',
  ],
};

function spokenPhone(random: Random, part: Part): ReturnType<Maker> {
  const language = random.pick(['en', 'en', 'en', 'en', 'es', 'fr', 'de'] as const);
  const region = random.pick(LANGUAGE_REGIONS[language]);
  let groups: string[];
  let canonical: string;
  if (region === 'US') {
    const digits = usPhone(random);
    canonical = `+1${digits}`;
    groups = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
    if (random.chance(0.1)) groups.unshift('1');
  } else {
    const made = countryPhone(random, region as 'GB');
    canonical = made.e164;
    groups = made.national.split(/\D+/).filter((group) => group !== '');
  }
  return {
    sub: `phone_${language}`,
    region,
    template: template(random, part, SPOKEN_PHONE[language]),
    values: [{ type: 'PHONE', canonical, parts: [speakDigits(random, groups, language)] }],
  };
}

function spoken(random: Random, part: Part): ReturnType<Maker> {
  switch (random.whole(0, 5)) {
    case 0: {
      const digits = ssn(random);
      const parts = [speakDigits(random, [digits.slice(0, 3), digits.slice(3, 5), digits.slice(5)], 'en')];
      return {
        sub: 'ssn',
        region: 'US',
        template: template(random, part, T.SSN_TEMPLATES),
        values: [{ type: 'SSN', canonical: digits, parts }],
      };
    }
    case 1: {
      const digits = card(random);
      const parts = [speakDigits(random, cardGroups(digits), 'en')];
      return {
        sub: 'card',
        region: 'US',
        template: template(random, part, T.CARD_TEMPLATES),
        values: [{ type: 'CARD', canonical: digits, parts }],
      };
    }
    case 2:
    case 3: {
      const made = sayableMail(random);
      const language = random.pick(['en', 'en', 'en', 'es', 'fr', 'de'] as const);
      const written = speakMail(random, `${made.local}@${made.domain}`, language);
      return {
        sub: `email_${language}`,
        region: 'US',
        template: template(random, part, T.SPOKEN_MAIL_TEMPLATES),
        values: [mailValue(made, written)],
      };
    }
    default:
      return spokenPhone(random, part);
  }
}

/** "c:<opening> {v}|a:<interjection>|c:{w}" */
function splitTemplate(random: Random, part: Part, openings: readonly string[]): string {
  const opening = template(random, part, openings);
  const between = random.chance(0.5) ? `a:${template(random, part, T.INTERJECTIONS)}|` : '';
  const lead = random.pick(['', '', '', 'and then ', 'um ']);
  return `${opening}|${between}c:${lead}{w}${random.pick(['', '', ' okay', '.'])}`;
}

function split(random: Random, part: Part): ReturnType<Maker> {
  const speak = random.chance(0.5);
  const say = (digits: string[]): string =>
    speak ? speakDigits(random, digits, 'en') : digits.join(random.pick(['-', ' ']));
  switch (random.whole(0, 3)) {
    case 0: {
      const digits = ssn(random);
      const openings = [
        'a:your social?|c:{v}',
        'c:my social is {v}',
        'c:ssn {v}',
        'a:social security number please|c:yes {v}',
        'c:the social security number is {v}',
      ];
      const parts = random.chance(0.5)
        ? [say([digits.slice(0, 3)]), say([digits.slice(3, 5), digits.slice(5)])]
        : [say([digits.slice(0, 3), digits.slice(3, 5)]), say([digits.slice(5)])];
      return {
        sub: speak ? 'ssn_spoken' : 'ssn',
        region: 'US',
        template: splitTemplate(random, part, openings),
        values: [{ type: 'SSN', canonical: digits, parts }],
      };
    }
    case 1: {
      const digits = card(random);
      const groups = cardGroups(digits);
      const cut = random.whole(1, groups.length - 1);
      const openings = [
        'a:card number please|c:{v}',
        'c:my card is {v}',
        'c:visa {v}',
        'a:read me the card|c:ok {v}',
        'c:the mastercard ends no wait starts {v}',
      ];
      return {
        sub: speak ? 'card_spoken' : 'card',
        region: 'US',
        template: splitTemplate(random, part, openings),
        values: [
          { type: 'CARD', canonical: digits, parts: [say(groups.slice(0, cut)), say(groups.slice(cut))] },
        ],
      };
    }
    case 2: {
      const made = sayableMail(random);
      const written = speakMail(random, `${made.local}@${made.domain}`, 'en');
      const at = written.indexOf(' at ');
      const openings = [
        'c:my email is {v}',
        'a:your email address|c:{v}',
        'c:email {v}',
        'c:it is {v}',
        'a:email?|c:sure {v}',
      ];
      const atEnd = random.chance(0.3);
      const parts = atEnd
        ? [written.slice(0, at + 3), written.slice(at + 4)]
        : [written.slice(0, at), written.slice(at + 1)];
      return {
        sub: 'email',
        region: 'US',
        template: splitTemplate(random, part, openings).replace(/c:(?:and then |um )\{w\}/, 'c:{w}'),
        values: [mailValue(made, undefined)].map((value) => ({ ...value, parts })),
      };
    }
    default: {
      const digits = usPhone(random);
      const openings = [
        'a:number|c:{v}',
        'c:my number is {v}',
        'c:call {v}',
        'a:what is your phone number?|c:{v}',
        'c:it is {v}',
        'a:a good callback number please|c:sure {v}',
      ];
      const parts = random.chance(0.5)
        ? [say([digits.slice(0, 3)]), say([digits.slice(3, 6), digits.slice(6)])]
        : [say([digits.slice(0, 3), digits.slice(3, 6)]), say([digits.slice(6)])];
      return {
        sub: speak ? 'phone_spoken' : 'phone',
        region: 'US',
        template: splitTemplate(random, part, openings),
        values: [{ type: 'PHONE', canonical: `+1${digits}`, parts }],
      };
    }
  }
}

const DIGIT_ZEROS = [0x660, 0x6f0, 0x966, 0xff10, 0x1d7ce, 0x9e6, 0xe50];
const DASHES = ['‐', '‑', '–', '—', '−', '－', '﹣'];
const SPACES = ['\u00a0', '\u2007', '\u202f', '\u3000', '\u2009'];
const INVISIBLE = ['\u200b', '\u00ad', '\u200d', '\u2060', '\ufeff', '\u200e'];

function disguise(random: Random, written: string, isMail: boolean): string {
  switch (random.whole(0, 3)) {
    case 0: {
      if (isMail) return written.replace('@', '＠');
      const zero = random.pick(DIGIT_ZEROS);
      return written.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
    }
    case 1: {
      const dash = random.pick(DASHES);
      return isMail ? written.replace('@', ' @ ') : written.replaceAll('-', dash);
    }
    case 2: {
      const space = random.pick(SPACES);
      return isMail ? written.replace('@', `${space}@${space}`) : written.replace(/[ -]/g, space);
    }
    default: {
      const at = random.whole(1, written.length - 2);
      return written.slice(0, at) + random.pick(INVISIBLE) + written.slice(at);
    }
  }
}

function unicode(random: Random, part: Part): ReturnType<Maker> {
  switch (random.whole(0, 3)) {
    case 0: {
      const made = mail(random);
      if (random.chance(0.3)) {
        const idn = random.pick([
          'josé.garcía@ejemplo.es',
          'müller@büro.example',
          'анна@почта.рф',
          'zoë.lévêque@société.fr',
          'søren@blåbær.dk',
        ]);
        return {
          sub: 'email',
          region: 'US',
          template: template(random, part, T.MAIL_TEMPLATES),
          values: [{ type: 'EMAIL', canonical: idn, parts: [idn] }],
        };
      }
      return {
        sub: 'email',
        region: 'US',
        template: template(random, part, T.MAIL_TEMPLATES),
        values: [mailValue(made, disguise(random, `${made.local}@${made.domain}`, true))],
      };
    }
    case 1: {
      const digits = ssn(random);
      return {
        sub: 'ssn',
        region: 'US',
        template: template(random, part, T.SSN_TEMPLATES),
        values: [{ type: 'SSN', canonical: digits, parts: [disguise(random, ssnDashed(digits), false)] }],
      };
    }
    case 2: {
      const digits = card(random);
      return {
        sub: 'card',
        region: 'US',
        template: template(random, part, T.CARD_TEMPLATES),
        values: [
          { type: 'CARD', canonical: digits, parts: [disguise(random, cardGroups(digits).join('-'), false)] },
        ],
      };
    }
    default: {
      const value = usPhoneValue(random);
      return {
        sub: 'phone',
        region: 'US',
        template: template(random, part, T.PHONE_TEMPLATES),
        values: [{ ...value, parts: [disguise(random, value.parts[0] as string, false)] }],
      };
    }
  }
}

function obfuscated(random: Random, part: Part): ReturnType<Maker> {
  if (random.chance(0.35)) {
    const digits = usPhone(random);
    const [a, b, c] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
    const written = random.pick([
      `(${a}) [${b}] [${c}]`,
      `${a}_${b}_${c}`,
      `${a}*${b}*${c}`,
      digits.split('').join(' '),
      digits.split('').join('-'),
      `${a} - ${b} - ${c}`,
      `${a}  ${b}  ${c}`,
      `[${a}] ${b} ${c}`,
      `{${a}} ${b}-${c}`,
      `${a}~${b}~${c}`,
      `${a}|${b}|${c}`,
      `${a}. ${b}. ${c}`,
      `${a}, ${b}, ${c}`,
      digits.split('').join('.'),
    ]);
    return {
      sub: 'phone',
      region: 'US',
      template: template(random, part, T.PHONE_TEMPLATES),
      values: [{ type: 'PHONE', canonical: `+1${digits}`, parts: [written] }],
    };
  }
  const made = mail(random);
  const { local, domain } = made;
  const dotted = (sign: string): string => domain.replaceAll('.', sign);
  const written = random.pick([
    `${local} [at] ${domain}`,
    `${local}[at]${domain}`,
    `${local} (at) ${dotted(' (dot) ')}`,
    `${local}(at)${dotted('(dot)')}`,
    `${local} AT ${dotted(' DOT ')}`,
    `${local}_at_${domain}`,
    `${local}&#64;${domain}`,
    `${local}%40${domain}`,
    `${local} @ ${domain}`,
    `${local}@ ${domain}`,
    `${local} @${domain}`,
    `${local} {at} ${dotted(' {dot} ')}`,
    `${local} at ${domain}`,
    `${local}@${dotted(' . ')}`,
    `${local}@${dotted('[dot]')}`,
    `${local}&commat;${domain}`,
    `${local}&#x40;${domain}`,
    `${local} <at> ${domain}`,
    `${local.toUpperCase()}@${domain.toUpperCase()}`,
    `mailto:${local}@${domain}`.slice(7),
  ]);
  return {
    sub: 'email',
    region: 'US',
    template: template(random, part, T.MAIL_TEMPLATES),
    values: [mailValue(made, written)],
  };
}

function cards(random: Random, part: Part): ReturnType<Maker> {
  const digits = card(random);
  const groups = cardGroups(digits);
  const separator = random.pick(['', ' ', '-', '.', '  ', ' - ', '/', '_', ', ']);
  let written = groups.join(separator);
  if (digits.length === 16 && random.chance(0.12)) {
    written = digits + random.pick(['0927', '1128', '0130123', '1226999', '123', '0733']);
  }
  if (digits.length === 16 && random.chance(0.05)) written = digits.match(/.{1,2}/g)?.join(' ') as string;
  const value = { type: 'CARD', canonical: digits, parts: [written] };
  return { sub: 'card', region: 'US', template: template(random, part, T.CARD_TEMPLATES), values: [value] };
}

function ssnVariants(random: Random, part: Part): ReturnType<Maker> {
  const digits = ssn(random);
  const separator = random.pick(['', ' ', '  ', '.', '_', '/', ',', ' - ', '–', '*', '- ', ' / ', '~']);
  const of = separator === '' || random.chance(0.7) ? T.SSN_TEMPLATES : T.SSN_SHAPE_TEMPLATES;
  return {
    sub: separator === '' ? 'nodash' : 'separators',
    region: 'US',
    template: template(random, part, of),
    values: [{ type: 'SSN', canonical: digits, parts: [ssnDashed(digits, separator)] }],
  };
}

function mixed(random: Random, part: Part): ReturnType<Maker> {
  return {
    sub: 'mixed',
    region: 'US',
    template: template(random, part, T.MIXED_TEMPLATES),
    values: [usPhoneValue(random), mailValue(mail(random))],
  };
}

function ibans(random: Random, part: Part): ReturnType<Maker> {
  const value = iban(random);
  const written = random.pick([
    value,
    value.replace(/.{4}/g, '$& ').trim(),
    value.toLowerCase(),
    value.toLowerCase().replace(/.{4}/g, '$& ').trim(),
    value.replace(/.{4}/g, '$&-').replace(/-$/, ''),
    `${value.slice(0, 2)} ${value.slice(2, 4)} ${value.slice(4)}`,
  ]);
  return {
    sub: 'iban',
    region: random.pick(['DE', 'GB', 'FR', 'US', 'ES']),
    template: template(random, part, T.IBAN_TEMPLATES),
    values: [{ type: 'IBAN', canonical: value, parts: [written] }],
  };
}

const POSITIVE_MAKERS: Readonly<Record<string, Maker>> = {
  plain,
  intl,
  spoken,
  split,
  unicode,
  obfuscated,
  cards,
  ssn_variants: ssnVariants,
  mixed,
  iban: ibans,
};
