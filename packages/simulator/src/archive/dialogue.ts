import type { Random } from '../audit/random.ts';
import { harmlessDigits, type Person } from './person.ts';
import type { PersonalDatum, PersonalType } from './personal-datum.ts';
import {
  cardForms,
  countryPhoneForms,
  ibanForms,
  mailForms,
  phoneForms,
  ssnForms,
  type WrittenValue,
} from './value-forms.ts';

/** A few lines that belong together. Each begins with "Agent: " or "Customer: ", and ends what it began. */
export interface Exchange {
  /** Where people talk or write like this. */
  channel: 'voice' | 'text' | 'both';
  lines: string[];
  /** Pointers are line numbers of this exchange. */
  data: PersonalDatum[];
}

interface Wording {
  ask: string;
  before: string;
  after: string;
}

const WORDINGS: Record<Exclude<PersonalType, 'NAME'>, readonly Wording[]> = {
  PHONE: [
    { ask: 'What is the best phone number to reach you on?', before: 'my number is ', after: '' },
    { ask: 'May I have your phone number?', before: 'please call ', after: ' after five' },
    { ask: 'Which number should the technician ring?', before: 'call me at ', after: '' },
  ],
  EMAIL: [
    { ask: 'Which email address do we have for you?', before: 'my email is ', after: '' },
    { ask: 'Where shall I send the confirmation?', before: 'please email ', after: '' },
  ],
  SSN: [
    { ask: 'Could you read me your social security number?', before: 'my social is ', after: '' },
    { ask: 'I need the social security number on file.', before: 'ssn ', after: '' },
  ],
  CARD: [
    { ask: 'Which credit card should I charge?', before: 'the card number is ', after: '' },
    { ask: 'What is your card number, please?', before: 'visa card ', after: '' },
  ],
  IBAN: [
    { ask: 'Which account should the refund go to?', before: 'my iban is ', after: ', thanks' },
    { ask: 'Your IBAN, please?', before: 'iban ', after: '' },
  ],
};

const THANKS = 'Agent: Thank you, I have noted that.';
const NODS = ['uh huh', 'okay', 'yes', 'go on'];
/** Forms that speech recognition writes, and forms that only somebody who types writes. */
const VOICE_FORMS = new Set(['spoken', 'spoken-split']);
const TEXT_FORMS = new Set(['unicode', 'obfuscated', 'odd-separators']);

/** Everything a person says in any conversation: each value in each form, and small talk full of harmless numbers. */
export function exchangesOf(person: Person, random: Random): Exchange[] {
  const values = [
    ...phoneForms(person, random),
    ...countryPhoneForms(person),
    ...mailForms(person),
    ...ssnForms(person, random),
    ...cardForms(person, random),
    ...ibanForms(person),
  ];
  return [
    ...values.map((value) => answer(value, random)),
    mixed(person, random),
    ...harmless(random).map(
      (lines): Exchange => ({ channel: 'both', lines: [...topic(lines), 'Agent: All right.'], data: [] }),
    ),
  ];
}

function answer(value: WrittenValue, random: Random): Exchange {
  const { ask, before, after } = random.pick(WORDINGS[value.type as Exclude<PersonalType, 'NAME'>]);
  const [first, second] = value.parts;
  const datum = { ...value, claimed: true, written: value.parts.join('\n') };
  const channel = VOICE_FORMS.has(value.form) ? 'voice' : TEXT_FORMS.has(value.form) ? 'text' : 'both';
  if (second === undefined) {
    const lines = [`Agent: ${ask}`, `Customer: ${before}${first}${after}`, THANKS];
    return { channel, lines, data: [at(datum, [1, first])] };
  }
  // The other side nods while somebody reads out a number; sometimes it does not.
  const nod = random.oneIn(2) ? [`Agent: ${random.pick(NODS)}`] : [];
  const lines = [`Agent: ${ask}`, `Customer: ${before}${first}`, ...nod, `Customer: ${second}`, THANKS];
  return { channel, lines, data: [at(datum, [1, first], [2 + nod.length, second])] };
}

/** Several values and harmless numbers in one line. */
function mixed({ secondPhone, mail }: Person, random: Random): Exchange {
  const number = secondPhone.slice(2);
  const phone = `${number.slice(0, 3)}-${number.slice(3, 6)}-${number.slice(6)}`;
  const order = harmlessDigits(random, 9);
  const common = { form: 'plain', claimed: true } as const;
  return {
    channel: 'both',
    lines: [
      `Agent: Order ${order} of 2025-0${1 + random.below(9)}-14, reach them on ${phone} or ${mail}, is that right?`,
      'Customer: yes, that is right',
      THANKS,
    ],
    data: [
      at({ ...common, type: 'PHONE', canonical: secondPhone, written: phone }, [0, phone]),
      at({ ...common, type: 'EMAIL', canonical: mail, written: mail }, [0, mail]),
    ],
  };
}

/** The agent opens a topic, so that what a customer says is no continuation of an earlier answer. */
function topic(lines: string[]): string[] {
  return lines[0]?.startsWith('Agent: ') ? lines : ['Agent: What else can I do for you?', ...lines];
}

function harmless(random: Random): string[][] {
  const number = (length: number) => harmlessDigits(random, length);
  const small = () => 10 + random.below(90);
  return [
    [
      'Agent: Thank you for calling, how may I help?',
      'Customer: my heating does not work since this morning',
    ],
    ['Customer: it took twenty minutes or so', 'Agent: I am sorry about the wait.'],
    [`Customer: order ${number(10)} has not come yet`, 'Agent: It left the warehouse yesterday.'],
    [`Agent: Your ticket is INC00${number(6)}.`, 'Customer: got it'],
    [`Customer: invoice ${number(9)} is a duplicate`, 'Agent: I will cancel it.'],
    [
      `Customer: that costs $${small()},${100 + random.below(900)}.${small()}`,
      'Agent: Less the discount, yes.',
    ],
    [`Customer: tracking 1Z${number(7)}AB${number(6)}`, 'Agent: It says "out for delivery".'],
    [`Agent: The part is ${number(4)}-${small()}-C, shelf ${small()}/B.`, 'Customer: thanks 👍 — très bien'],
    [`Customer: the build is ${small()}.${small()}.${small()}-rc.7`, 'Agent: That one has a known fault.'],
    ['Agent: Press four for repairs, or stay on the line.', 'Customer: I see it at C:\\tools\\new "folder"'],
    [
      `Agent: The visit is planned for 2026-0${1 + random.below(9)}-1${random.below(9)} at 9:17.`,
      'Customer: fine by me',
    ],
    ['Customer: 会議は来週です。 Привет! ¿Qué tal?\tΔοκιμή', 'Agent: One moment, I will fetch a colleague.'],
    [`Customer: the meter says ${small()}${small()} and then ${small()}`, 'Agent: That is within the range.'],
    [
      'Customer: my router blinks red, then green, then red again',
      'Agent: Please unplug it, and count to ten.',
    ],
    ['Agent: Is there anything else?', 'Customer: no, that was all, have a nice day'],
  ];
}

function at(
  { type, form, claimed, canonical, written }: Omit<PersonalDatum, 'places'>,
  ...places: [line: number, text: string][]
): PersonalDatum {
  return {
    type,
    form,
    claimed,
    canonical,
    written,
    places: places.map(([line, text]) => ({ pointer: String(line), text })),
  };
}
