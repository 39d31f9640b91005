import type { Random } from '../audit/random.ts';
import type { Person } from './person.ts';
import type { PersonalForm, PersonalType } from './personal-datum.ts';

/** A value in one writing: one part, or two where it runs over phrases. */
export interface WrittenValue {
  type: PersonalType;
  form: PersonalForm;
  canonical: string;
  parts: readonly [string] | readonly [string, string];
}

const SPOKEN = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/** "four one five, two six seven" */
function spoken(groups: readonly string[]): string {
  return groups.map((group) => [...group].map((digit) => SPOKEN[Number(digit)]).join(' ')).join(', ');
}

/** Digits in another script: full width, Arabic-Indic, mathematical (beyond the BMP). */
function inScript(text: string, zero: number): string {
  return text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}
const SCRIPTS = [0xff10, 0x0660, 0x1d7f6];

function thirds(digits: string): [string, string, string] {
  return [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
}

/** The American phone of a person, in every form. */
export function phoneForms({ secondPhone }: Person, random: Random): WrittenValue[] {
  const [a, b, c] = thirds(secondPhone.slice(2));
  const value = (form: PersonalForm, ...parts: [string] | [string, string]): WrittenValue => ({
    type: 'PHONE',
    form,
    canonical: secondPhone,
    parts,
  });
  const zero = random.pick(SCRIPTS);
  return [
    value('plain', `${a}-${b}-${c}`),
    value('plain', `(${a}) ${b}-${c}`),
    value('plain', `${a}.${b}.${c}`),
    value('bare', `${a}${b}${c}`),
    value('intl', `+1 ${a} ${b} ${c}`),
    value('intl', `+1 (${a}) ${b}-${c}`),
    value('spoken', spoken([a, b, c])),
    value('split', `${a}-${b}`, c),
    value('spoken-split', spoken([a, b]), spoken([c])),
    value('unicode', inScript(`${a}-${b}-${c}`, zero)),
    value('unicode', `${a}\u2011${b}\u2011${c}`),
    value('unicode', `${a}\u00a0${b}\u00a0${c}`),
    value('obfuscated', `(${a}) [${b}] [${c}]`),
  ];
}

/** The main phone with its country code; where it is not American, also as its country writes it. */
export function countryPhoneForms({ phone, region }: Person): WrittenValue[] {
  const value = (form: PersonalForm, text: string): WrittenValue => ({
    type: 'PHONE',
    form,
    canonical: phone,
    parts: [text],
  });
  const code = region === 'US' ? 2 : 3;
  const national = phone.slice(code);
  const spaced = national.replace(/(\d{3})(?=\d{3})/g, '$1 ');
  const intl = value('intl', `${phone.slice(0, code)} ${spaced}`);
  if (region === 'US') return [intl, value('intl', phone)];
  const trunk = region === 'ES' ? '' : '0';
  return [intl, value('national', `${trunk}${spaced}`)];
}

export function mailForms({ mail }: Person): WrittenValue[] {
  const [local, domain] = mail.split('@') as [string, string];
  const say = (text: string) =>
    text.replace(/[._-]/g, (sign) => ({ '.': ' dot ', _: ' underscore ', '-': ' dash ' })[sign] as string);
  const value = (form: PersonalForm, ...parts: [string] | [string, string]): WrittenValue => ({
    type: 'EMAIL',
    form,
    canonical: mail,
    parts,
  });
  return [
    value('plain', mail),
    value('plain', mail.toUpperCase()),
    value('spoken', `${say(local)} at ${say(domain)}`),
    value('spoken-split', say(local), `at ${say(domain)}`),
    value('obfuscated', `${local}[at]${domain}`),
    value('obfuscated', `${local} (at) ${domain.replace('.', ' (dot) ')}`),
    value('obfuscated', `${local}&#64;${domain}`),
    value('obfuscated', `${local}@ ${domain}`),
    value('unicode', `${local}\uff20${domain}`),
    value('unicode', `${local.slice(0, 3)}\u00ad${local.slice(3)}@${domain}`),
  ];
}

export function ssnForms({ ssn }: Person, random: Random): WrittenValue[] {
  const [a, b, c] = [ssn.slice(0, 3), ssn.slice(3, 5), ssn.slice(5)];
  const value = (form: PersonalForm, ...parts: [string] | [string, string]): WrittenValue => ({
    type: 'SSN',
    form,
    canonical: ssn,
    parts,
  });
  return [
    value('plain', `${a}-${b}-${c}`),
    value('bare', ssn),
    value('grouped', `${a} ${b} ${c}`),
    value('odd-separators', `${a}_${b}_${c}`),
    value('odd-separators', `${a} - ${b} - ${c}`),
    value('spoken', spoken([a, b, c])),
    value('split', a, `${b}-${c}`),
    value('spoken-split', spoken([a]), spoken([b, c])),
    value('unicode', inScript(`${a}-${b}-${c}`, random.pick(SCRIPTS))),
  ];
}

export function cardForms({ card }: Person, random: Random): WrittenValue[] {
  const fours = card.match(/\d{4}/g) as string[];
  const value = (form: PersonalForm, ...parts: [string] | [string, string]): WrittenValue => ({
    type: 'CARD',
    form,
    canonical: card,
    parts,
  });
  return [
    value('bare', card),
    value('grouped', fours.join(' ')),
    value('grouped', fours.join('-')),
    value('odd-separators', fours.join('.')),
    value('spoken', spoken(fours)),
    value('spoken-split', spoken(fours.slice(0, 2)), spoken(fours.slice(2))),
    value('unicode', fours.join('\u2011')),
    value('unicode', inScript(fours.join(' '), random.pick(SCRIPTS))),
  ];
}

export function ibanForms({ iban }: Person): WrittenValue[] {
  const value = (form: PersonalForm, text: string): WrittenValue => ({
    type: 'IBAN',
    form,
    canonical: iban,
    parts: [text],
  });
  return [
    value('bare', iban),
    value('bare', iban.toLowerCase()),
    value('grouped', (iban.match(/.{1,4}/g) as string[]).join(' ')),
  ];
}
