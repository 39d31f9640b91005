import { describe, expect, it } from 'vitest';
import { createRedactor, type RedactorSettings } from './redactor.ts';

const TOKENS = { key: '0123456789abcdef0123456789abcdef' };
const redactor = createRedactor({ tokens: TOKENS });

/** The redacted text with tokens shortened to their type; phrases split at '|', "a:" opens the agent's. */
function shown(conversation: string, region = 'US', settings: Partial<RedactorSettings> = {}): string {
  const phrases = conversation
    .split('|')
    .map((phrase) =>
      phrase.startsWith('a:')
        ? { speaker: 'agent', text: phrase.slice(2) }
        : { speaker: 'customer', text: phrase },
    );
  const engine =
    Object.keys(settings).length === 0 ? redactor : createRedactor({ tokens: TOKENS, ...settings });
  return engine
    .redactConversation(phrases, { region })
    .phrases.map(({ text }) => text.replace(/\b([A-Z_]{2,})-[0-9a-f]{16}\b/g, '<$1>'))
    .join('|');
}

describe('telephone numbers', () => {
  it.each([
    ['call (415) 555-2671 now', 'call <PHONE> now'],
    ['4155552671', '<PHONE>'],
    ['ring 555.0148 please', 'ring <PHONE> please'],
    ['415-555-2671 x12', '<PHONE>'],
    ['tel:+14155552671', 'tel:<PHONE>'],
    // Begins as a card does, and has its check digit.
    ['tel:+4915119388200', 'tel:<PHONE>'],
    ['(206) [555] [0159]', '<PHONE>'],
    ['+44 (0)20 7946 0958', '<PHONE>'],
    ['I will send the code to 4155552671', 'I will send the code to <PHONE>'],
    ['area code 415 555 2671', 'area code <PHONE>'],
    ['415-555-2671, 212-555-0143', '<PHONE>, <PHONE>'],
    ['call 415-555|a:sorry?|415-555-2671', 'call <PHONE>|sorry?|<PHONE>'],
    ['call me at 312=555=5357', 'call me at <PHONE>'],
    ['text "212" "555" "9852"', 'text "<PHONE>"'],
    ['my number 907 #555# 8577', 'my number <PHONE>'],
    ['call 206:550:9799', 'call <PHONE>'],
    ['001 555 295 1875 ext. 71', '<PHONE>'],
    ['whose number is 555-5559454?', 'whose number is <PHONE>?'],
    ['1) 911-555-7493 2) 212 - 354 - 0949', '1) <PHONE> 2) <PHONE>'],
    ['cell four er one six let me check four eight you know eight eight two five three', 'cell <PHONE>'],
    ['a:your phone and social?|212-555-0143 and 905-66-0690', 'your phone and social?|<PHONE> and <SSN>'],
    ['visa 6304-1263-2057-86130628', 'visa <CARD>'],
    ['ssn 541:30:5263', 'ssn <SSN>'],
    ["dana.k@example.com's inbox", '<EMAIL> inbox'],
    ['mail is kim dot novak|eight nine at gmail dot com', 'mail is <EMAIL>|<EMAIL>'],
    ['please bill 5183434996942651 instead', 'please bill <CARD> instead'],
  ])('are found in %o', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    ['GB', '020 7946 0958'],
    ['DE', '0176/12345678'],
    ['FR', '06.12.34.56.78'],
    ['ES', '612 34 56 78'],
    ['JP', '電話番号は090-1234-5678です'],
    ['IN', '98765 43210'],
    ['BR', '(11) 91234-5678'],
  ])('are found as written in %s: %s', (region, text) => {
    expect(shown(text, region)).toMatch(/^\D*<PHONE>\D*$/);
  });
});

describe('what is no personal data', () => {
  it.each([
    'order 9934181898 has shipped',
    'a:Which booking?|9934181898',
    'invoice 777-48-3063 please',
    'tracking 1Z999AA10123456784',
    'part 72-8222-7605-C',
    'running v2.8.1+12180901',
    'call me on 20250822',
    'call me on 2012-04-27T02:39:31Z',
    'zip+4 22120-5124',
    'ref no. 9074590224',
    "a:what's the tracking?|7507673847",
    'ping @dana.smith please',
    'chess at 12:30:45',
    'docket number 4155552671',
    'id d9dd42a3-a619-434f-8d62-5c28466e4ee9',
    'started 2023-04-03T01:28:35.762Z',
    'log 2023-04-03 01:28:35,762',
    'clock said 1495967827',
    'ms 1669338541790',
    'that costs $3,837.04',
    'build 3.5.24+build.6227',
    'running 14.0.29016.8790 of the app',
    'router 192.168.1.254, mac 25:d3:0a:00:17:ff',
    'ask EMAIL-3368364913031923',
    'at 40.712776, -74.005974',
    'zip 76118-4625',
    'seen at woodgrove dot com',
    'follow @contoso',
    'npm install lodash@4.17.21',
    'clone git@github.com:owner/repository.git',
    'press four for repairs, it takes twenty minutes',
    'pages 625-714 and 809-441',
    'a gift card 6006491234567894',
  ])('stays: %s', (text) => {
    const phrases = text
      .split('|')
      .map((phrase) => ({ speaker: phrase.slice(0, 2), text: phrase.replace(/^a:/, '') }));
    expect(redactor.redactConversation(phrases).phrases.map((phrase) => phrase.text)).toEqual(
      phrases.map((phrase) => phrase.text),
    );
  });
});

describe('social security numbers', () => {
  it.each(['123-45-6789', '123 45 6789', '123_45_6789', '123,45,6789', '123 - 45 - 6789', '123/45/6789'])(
    'are found by their shape: %s',
    (text) => {
      expect(shown(`it is ${text}`)).toBe('it is <SSN>');
    },
  );

  it('are found bare only where one is named or asked for', () => {
    expect(shown('a:your social?|sure|a:go ahead|123456789')).toBe('your social?|sure|go ahead|<SSN>');
    expect(shown('it should be under 123456789, my social security number')).toContain('<SSN>');
    expect(shown('the number 123456789')).not.toContain('SSN');
  });

  it.each(['000-12-3456', '666-12-3456', '123-00-4567', '123-45-0000'])(
    'are none that was never issued: %s',
    (text) => {
      expect(shown(text)).toBe(text);
    },
  );
});

describe('cards', () => {
  it.each([
    ['4111111111111111', '<CARD>'],
    ['4111-1111-1111-1111', '<CARD>'],
    ['3782 822463 10005', '<CARD>'],
    ['41111111111111111227', '<CARD>'],
    ['4111 1111 1111 1111 12/27 123', '<CARD>'],
    ['visa five 3 1 2 um 6 2 8 three 2 0 nine three 8 one 1 1', 'visa <CARD>'],
  ])('are found in %o', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });
});

describe('mail addresses', () => {
  it.each([
    'bob.smith@example.com',
    'bob.smith @ example.com',
    'bob.smith[at]example[dot]com',
    'bob.smith (at) example (dot) com',
    'bob.smith_at_example.com',
    'bob.smith&#64;example.com',
    'bob.smith%40example.com',
    'bob dot smith at example dot com',
    'bob\u00ad.smith＠example．com',
    'BOB.SMITH@EXAMPLE.COM',
  ])('have one token in every writing: %s', (text) => {
    expect(redactor.redactText(`email ${text} please`).text).toBe(
      `email ${redactor.tokenOf('EMAIL', 'bob.smith@example.com')} please`,
    );
  });

  it.each(['josé.garcía@ejemplo.es', 'анна@почта.рф', `${'x'.repeat(90)}@example.com`])(
    'may be unusual: %s',
    (address) => {
      expect(shown(`mail ${address}.`)).toBe('mail <EMAIL>.');
    },
  );
});

describe('spoken and split values', () => {
  it.each([
    ['nine one eight er triple five oh one seven five', '<PHONE>'],
    ['four fifteen five fifty five twenty six seventy one', '<PHONE>'],
    ['one eight hundred five five five one two one two', '<PHONE>'],
    ['415 555 no wait 556 2671', '<PHONE>'],
    ['740 555|a:uh huh|0141', '<PHONE>|uh huh|<PHONE>'],
    [
      'ssn four two two|four eight, four eight zero five|a:thank you, i have noted that|order 5271000241 has not come',
      'ssn <SSN>|<SSN>|thank you, i have noted that|order 5271000241 has not come',
    ],
    [
      'ssn four two two|a:okay|four eight four eight zero five|a:thank you|it took twenty minutes',
      'ssn <SSN>|okay|<SSN>|thank you|it took twenty minutes',
    ],
    ['ssn two six two|seven six... nine one five seven', 'ssn <SSN>|<SSN>'],
    ['email jasper dot yamamoto|a:ok go on|at yahoo dot com', 'email <EMAIL>|ok go on|<EMAIL>'],
  ])('are joined: %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    ['ES', 'el seis uno dos tres cuatro cinco seis siete ocho'],
    ['ES', 'seiscientos doce treinta y cuatro cincuenta y seis setenta y ocho'],
    ['FR', 'zéro six douze trente quatre-vingt-douze soixante et onze'],
    ['DE', 'null eins sieben sechs zwölf vierunddreißig sechsundfünfzig achtundsiebzig'],
  ])('are read in %s: %s', (region, text) => {
    expect(shown(text, region)).toContain('<PHONE>');
  });

  it('does not join over a phrase of substance', () => {
    expect(shown('my zip is 740 555|a:and your house number please?|0141')).not.toContain('PHONE');
  });
});

describe('bank account numbers', () => {
  it.each(['GB25SVVR78802022066947', 'gb25 svvr 7880 2022 0669 47', 'GB25-SVVR-7880-2022-0669-47'])(
    'are found: %s',
    (text) => {
      expect(shown(`Transfer it to ${text} please`, 'DE')).toBe('Transfer it to <IBAN> please');
    },
  );

  it('are not guessed when the check digits are wrong', () => {
    expect(shown('code GB26SVVR78802022066947')).toBe('code GB26SVVR78802022066947');
  });
});

describe('a redactor', () => {
  it('gives every writing of a value one token, and tells it to who may ask', () => {
    const token = redactor.tokenOf('PHONE', '(415) 555-2671');
    for (const text of [
      '4155552671',
      '+1 415.555.2671',
      '４１５−５５５−２６７１',
      'four one five triple five two six seven one',
    ]) {
      expect(redactor.redactText(text).text).toBe(token);
    }
    expect(() => redactor.tokenOf('PHONE', 'nobody')).toThrow(
      expect.objectContaining({ code: 'VALUE_NOT_RECOGNISED' }),
    );
  });

  it('counts a split value once and never tells it', () => {
    const result = redactor.redactConversation([
      { speaker: 'c', text: '740 555' },
      { speaker: 'c', text: '0141' },
    ]);
    expect(result.counts).toEqual({ PHONE: 1 });
    expect(JSON.stringify(result)).not.toMatch(/740|0141/);
  });

  it('switches detectors one by one', () => {
    expect(shown('415-555-2671 bob@example.com', 'US', { detectors: { PHONE: false } })).toBe(
      '415-555-2671 <EMAIL>',
    );
  });

  it('looks for more in the extended profile', () => {
    const text = 'ip 192.168.1.254, born on 03/04/1980, passport number X1234567, routing number 021000021';
    expect(shown(text)).toBe(text);
    expect(shown(text, 'US', { profile: 'extended' })).toBe(
      'ip <IP>, born on <DOB>, passport number <PASSPORT>, routing number <ACCOUNT>',
    );
  });

  it('reports claims for tuning only when told to', () => {
    const seen: string[] = [];
    createRedactor({
      tokens: TOKENS,
      reportPersonalDataForTuning: (entry) => seen.push(entry.canonical),
    }).redactText('4155552671');
    expect(seen).toEqual(['+14155552671']);
  });
});

describe('custom patterns', () => {
  const pattern = {
    type: 'BADGE',
    expression: 'badge (?P<value>[A-Z]{2}\\d{4})',
    examples: { positive: ['badge AB1234'], negative: ['badge 1234'] },
  };

  it('are redacted like any other value, in digits of any script', () => {
    expect(shown('my badge AB1234', 'US', { patterns: [pattern] })).toBe('my badge <BADGE>');
    expect(shown('my badge AB１２３４', 'US', { patterns: [pattern] })).toBe('my badge <BADGE>');
  });

  it.each([
    [{ ...pattern, type: 'PHONE' }, 'PATTERN_INVALID'],
    [{ ...pattern, expression: '(' }, 'PATTERN_INVALID'],
    [{ ...pattern, expression: '(?<=x)y' }, 'PATTERN_INVALID'],
    [{ ...pattern, examples: { positive: ['nothing'], negative: ['x'] } }, 'PATTERN_EXAMPLE_FAILED'],
    [
      { ...pattern, examples: { positive: ['badge AB1234'], negative: ['badge CD5678'] } },
      'PATTERN_EXAMPLE_FAILED',
    ],
    [{ ...pattern, examples: { positive: [], negative: [] } }, 'PATTERN_EXAMPLE_FAILED'],
  ])('are refused when they cannot hold: case %#', (wrong, code) => {
    expect(() => createRedactor({ tokens: TOKENS, patterns: [wrong] })).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('run in linear time whatever the expression', () => {
    const slow = { type: 'SLOW', expression: '(a+)+b', examples: { positive: ['aab'], negative: ['ba'] } };
    const text = 'a'.repeat(100_000);
    expect(shown(text, 'US', { patterns: [slow] })).toBe(text);
  });
});
