import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateLines } from '../evaluation/generate.ts';
import { createRedactor } from '../redactor.ts';
import { redactDocument } from './redact-document.ts';

const redactor = createRedactor({ tokens: { key: '0123456789abcdef0123456789abcdef' } });
const phone = redactor.tokenOf('PHONE', '+14155552671');
const social = redactor.tokenOf('SSN', '123-45-6789');
const mail = redactor.tokenOf('EMAIL', 'jane.doe@example.com');
const name = redactor.tokenOfWhole('NAME', 'Jane Doe');

const redact = <T>(value: T): T => JSON.parse(redactDocument(redactor, JSON.stringify(value)).json) as T;

const spoken = (text: string, startTimeMs: number) =>
  text.split(' ').map((word, index) => ({
    word,
    confidence: 0.69,
    startTimeMs: startTimeMs + index,
    duration: { milliseconds: 10 },
  }));

/** A phrase as a transcript has it. @param words as they were heard one by one; by default those of the text */
function phrase(participantPurpose: string, text: string, words: string = text, more: object = {}) {
  const startTimeMs = 1_610_679_598_066;
  return {
    text,
    stability: 1,
    startTimeMs,
    participantPurpose,
    words: spoken(words, startTimeMs),
    alternatives: [],
    ...more,
  };
}

const transcript = (phrases: readonly object[], more: object = {}) => ({
  conversationId: '41555e26-7112-4345-8415-55526e110000',
  mediaType: 'call',
  conversationStartTime: 1_610_679_597_052,
  transcripts: [{ language: 'en-US', phrases, ...more }],
  participants: [
    { participantPurpose: 'customer', ani: 'tel:+14155552671', dnis: 'tel:+14155552671', startTimeMs: 0 },
  ],
});

/** A phrase, or another hearing of it. */
interface Heard {
  text: string;
  words: { word: string }[];
  alternatives: Heard[];
}

const heardIn = (document: ReturnType<typeof transcript>): Heard[] =>
  redact(document).transcripts.flatMap(({ phrases }) => phrases as Heard[]);

const wordsOf = (heard: Heard | undefined): string | undefined =>
  heard?.words.map(({ word }) => word).join('|');

const TOKEN = /[A-Z]+-[0-9a-f]{16}/;

/** Which characters of a text stand in its redacted form too: all but those for which a token stands. */
function remaining(before: string, after: string): (at: number) => boolean {
  const kept = after.split(TOKEN);
  const ranges: [number, number][] = [];
  let at = 0;
  for (const [index, part] of kept.entries()) {
    const from = index === kept.length - 1 ? before.length - part.length : before.indexOf(part, at);
    ranges.push([from, from + part.length]);
    at = from + part.length;
  }
  return (place) => ranges.some(([from, to]) => place >= from && place < to);
}

describe('a transcript of the platform', () => {
  it('loses a number that runs over phrases in their text, their words and where it stands once more', () => {
    const document = transcript(
      [
        phrase('internal', 'and your number please'),
        phrase('external', 'yes 415 555', 'yes four one five five five five', {
          decoratedText: 'Yes, 415-555',
          alternatives: [
            { text: 'yes for 1 5 555', words: spoken('yes four fifteen five five five', 1) },
            { text: 'guess 415 555', words: spoken('guess 415 555', 1) },
          ],
        }),
        phrase('internal', 'uh huh'),
        phrase('external', '2671', 'two six seven one', { decoratedText: '2671.' }),
      ],
      {
        analytics: {
          sentiment: [{ participant: 'external', phrase: '2671', sentiment: -0.5, phraseIndex: 3 }],
        },
      },
    );
    const [, first, , last] = heardIn(document);
    expect(first).toMatchObject({
      text: `yes ${phone}`,
      decoratedText: `Yes, ${phone}`,
      alternatives: [{}, { text: `guess ${phone}` }],
    });
    expect(last).toMatchObject({ text: phone, decoratedText: `${phone}.` });
    expect(wordsOf(first)).toBe(`yes|${phone}|||||`);
    expect(wordsOf(last)).toBe(`${phone}|||`);
    expect(wordsOf(first?.alternatives[1])).toBe(`guess|${phone}|`);
    const { transcripts, participants } = redact(document);
    expect(transcripts[0]).toMatchObject({
      analytics: { sentiment: [{ phrase: phone, sentiment: -0.5, phraseIndex: 3 }] },
    });
    expect(participants).toMatchObject([{ ani: phone, dnis: phone, startTimeMs: 0 }]);
  });

  it('loses a number that its words hold in more pieces than its text', () => {
    const document = transcript([
      phrase('external', 'it is 123-45-6789 thanks', 'it is one two three 45 6789 thanks'),
    ]);
    const [only] = heardIn(document);
    expect(only?.text).toBe(`it is ${social} thanks`);
    expect(wordsOf(only)).toBe(`it|is|${social}|||||thanks`);
  });

  it('leaves no digit that was heard as a word of what its text lost, in all sentences of the evaluation', () => {
    const names = 'zero one two three four five six seven eight nine'.split(' ');
    let taken = 0;
    for (const { phrases, region } of generateLines(7, 1_500, 'tuning')) {
      // One of the sentences is redacted already.
      if (phrases.some(({ text }) => TOKEN.test(text))) continue;
      /** Where the digit stands in the text that a word is of; null where it is none. */
      const digitsAt: (number | null)[][] = [];
      const heard = phrases.map(({ speaker, text }) => {
        const words: string[] = [];
        const at: (number | null)[] = [];
        for (const { 0: piece, index } of text.matchAll(/\S+/g)) {
          const isSpelled = /\d/.test(piece) && !piece.includes('@');
          for (const { 0: word, index: inside } of isSpelled
            ? piece.matchAll(/\d|\D+/g)
            : [{ 0: piece, index: 0 }]) {
            const digit = isSpelled ? names[Number(word)] : undefined;
            words.push(digit ?? word);
            at.push(digit === undefined ? null : index + inside);
          }
        }
        digitsAt.push(at);
        return { text, participantPurpose: speaker, words: words.map((word) => ({ word })) };
      });
      const source = JSON.stringify({ transcripts: [{ phrases: heard }] });
      const { json } = redactDocument(redactor, source, { region });
      const redacted = JSON.parse(json).transcripts[0].phrases as typeof heard;
      const lost = redactor.redactConversation(phrases, { region }).phrases;
      redacted.forEach(({ text, words }, phrase) => {
        expect(text).toBe(lost[phrase]?.text);
        const kept = remaining(phrases[phrase]?.text ?? '', text);
        words.forEach(({ word }, index) => {
          const place = digitsAt[phrase]?.[index] ?? null;
          if (place === null || kept(place)) return;
          taken++;
          expect([text, word]).toEqual([text, expect.stringMatching(/^$|^[A-Z]+-[0-9a-f]{16}$/)]);
        });
      });
    }
    expect(taken).toBeGreaterThan(5_000);
  });

  it('keeps times, durations, confidences and ids', () => {
    const document = transcript([phrase('external', 'call 415-555-2671')]);
    const { json } = redactDocument(redactor, JSON.stringify(document));
    const kept = (text: string) => text.replace(/"(?:word|text|ani|dnis)":"[^"]*"/g, '');
    expect(kept(json)).toBe(kept(JSON.stringify(document)));
  });
});

describe('messages of the platform', () => {
  const message = (id: string, direction: string, text: string) => ({
    id,
    timestamp: '2026-01-05T10:00:05.123Z',
    fromAddress: direction === 'inbound' ? '+14155552671' : '+18005550199',
    direction,
    textBody: text,
    normalizedMessage: {
      text,
      channel: {
        from: { id: '14155552671', nickname: 'Jane Doe', firstName: 'Jane', lastName: 'Doe' },
        time: '2026-01-05T10:00:05.123Z',
      },
    },
    createdBy: { id: 'u1', name: 'Jane Doe' },
  });

  it('lose a number that runs over them, wherever each stands, and the names of who wrote them', () => {
    const messages = redact([
      message('m1', 'outbound', 'your number?'),
      message('m2', 'inbound', '415 555'),
      message('m3', 'outbound', 'ok'),
      message('m4', 'inbound', '2671 <- that one'),
    ]);
    expect(messages.map(({ textBody, normalizedMessage }) => [textBody, normalizedMessage.text])).toEqual([
      ['your number?', 'your number?'],
      [phone, phone],
      ['ok', 'ok'],
      [`${phone} <- that one`, `${phone} <- that one`],
    ]);
    expect(messages[1]).toMatchObject({
      fromAddress: phone,
      createdBy: { id: 'u1', name },
      normalizedMessage: { channel: { from: { id: phone, nickname: name } } },
    });
    expect(JSON.stringify(messages)).not.toMatch(/Jane|Doe/);
  });
});

describe('mails of the platform', () => {
  it('lose people and values in headers, text and HTML', () => {
    const mails = redact([
      {
        id: 'e1',
        from: { email: 'jane.doe@example.com', name: 'Jane Doe' },
        to: [{ email: 'support@example.org', name: 'Support' }],
        cc: [{ email: 'jane.doe@example.com', name: 'Jane Doe' }],
        bcc: [{ email: 'jane.doe@example.com', name: 'Jane Doe' }],
        replyTo: { email: 'jane.doe@example.com', name: 'Jane Doe' },
        subject: 'bill of jane.doe@example.com',
        textBody: 'my number is (415) 555-2671',
        htmlBody: '<p>my number is (415) 555-2671</p>',
        attachments: [{ name: 'call 415-555-2671.pdf', contentLength: 4_155_552_671 }],
      },
    ]);
    const person = { email: mail, name };
    expect(mails).toMatchObject([
      {
        from: person,
        to: [{ email: redactor.tokenOf('EMAIL', 'support@example.org') }],
        cc: [person],
        bcc: [person],
        replyTo: person,
        subject: `bill of ${mail}`,
        textBody: `my number is ${phone}`,
        htmlBody: `<p>my number is ${phone}</p>`,
        attachments: [{ name: `call ${phone}.pdf`, contentLength: 4_155_552_671 }],
      },
    ]);
  });

  it.each([
    [
      '<p>my number is <b>415</b>-555-<span>2671</span></p>',
      `<p>my number is <b>${phone}</b><span></span></p>`,
    ],
    ['<td>415-555</td><td style="color:#415555">x</td>', '<td>415-555</td><td style="color:#415555">x</td>'],
    ['write to <a href="mailto:jane.doe@example.com">me</a>', `write to <a href="mailto:${mail}">me</a>`],
    ['jane<wbr>.doe&#64;exam<b>ple</b>.com!<br>', `${mail}<wbr><b></b>!<br>`],
    ['tel&nbsp;(415)&nbsp;555-2671<br/>', `tel&nbsp;${phone}<br/>`],
    ['<!-- 415-555-2671 --><p>x</p>', `<!-- ${phone} --><p>x</p>`],
    ['<img alt=415-555-2671 src="cid:1">', `<img alt=${phone} src="cid:1">`],
    ['<p>a < b, call 415-555-2671 <unfinished', `<p>a < b, call ${phone} <unfinished`],
    ['<p title="never closed>415-555-2671</p>', `<p title="never closed>${phone}</p>`],
  ])('are read as a browser shows them: %s', (htmlBody, expected) => {
    expect(redact({ htmlBody }).htmlBody).toBe(expected);
  });

  it('that are text with addresses in angle brackets are read as text', () => {
    expect(redact({ textBody: 'On Monday Jane <jane.doe@example.com> wrote' }).textBody).toBe(
      `On Monday Jane <${mail}> wrote`,
    );
  });
});

describe('an address of the platform', () => {
  it.each([
    ['tel:+14155552671', phone],
    ['sip:+14155552671@edge.example.com;user=phone', phone],
    ['sip:jane.doe@example.com', mail],
    ['"Doe, Jane" <jane.doe@example.com>', mail],
    ['+14155552671', phone],
  ])('%s has the token of who it is', (address, token) => {
    expect(redact({ remote: address, cc: [address] })).toEqual({ remote: token, cc: [token] });
  });

  it('that is none has a token too', () => {
    expect(redact({ addressFrom: 'web-guest' }).addressFrom).toMatch(/^ADDRESS-[0-9a-f]{16}$/);
  });
});

describe('ids and times', () => {
  const hex = (length: number, digits: string) =>
    fc.string({ unit: fc.constantFrom(...digits), minLength: length, maxLength: length });
  const uuid = fc
    .constantFrom('0123456789', '0123456789abcdef', '0123456789ABCDEF')
    .chain((digits) => fc.tuple(...[8, 4, 4, 4, 12].map((length) => hex(length, digits))))
    .map((groups) => groups.join('-'));

  it('are no telephones and no cards, whatever their field is called', () => {
    const field = fc.constantFrom(
      'externalContactId',
      'outboundContactId',
      'protocolCallId',
      'phoneId',
      'sessionId',
      'text',
    );
    const text = fc.constantFrom('', 'call ', 'card /api/v2/users/', 'phone:');
    fc.assert(
      fc.property(field, text, uuid, (member, before, id) => {
        const source = JSON.stringify({ [member]: before + id });
        expect(redactDocument(redactor, source).json).toBe(source);
      }),
      { numRuns: 2_000 },
    );
  });

  it('stay where the field names a call', () => {
    const source = JSON.stringify({
      callbackScheduledTime: '2026-01-05T10:00:00.123Z',
      callStart: '1610679598066',
      phoneTime: 1_610_679_598_066,
    });
    expect(redactDocument(redactor, source).json).toBe(source);
  });

  it('of a caller are redacted all the same', () => {
    expect(redact({ callerId: '4155552671', phoneNumber: '4155552671' })).toEqual({
      callerId: phone,
      phoneNumber: phone,
    });
  });
});

it('a whole document keeps every byte outside of the strings that hold personal data', () => {
  const row = {
    conversationId: '7f1c2a52-2b1d-4a79-9d3e-4155552e711a',
    conversationStart: '2026-01-05T10:00:00.123Z',
    participants: [
      {
        participantName: 'Jane Doe',
        purpose: 'customer',
        attributes: { 'customer.phone': '(415) 555-2671', 'ivr.menu': '4', 'jane.doe@example.com': 'opt-in' },
        sessions: [
          {
            sessionId: '82914123-5424-4687-8413-495108422572',
            ani: 'tel:+14155552671',
            segments: [{ wrapUpNote: 'ssn 123-45-6789' }],
          },
        ],
      },
    ],
    transcripts: [transcript([phrase('external', 'call 415-555-2671')])],
    emails: [{ htmlBody: '<p>jane.doe@<b>example</b>.com</p>' }],
  };
  const source = JSON.stringify(row, null, 1)
    .replace('"ivr.menu": "4"', '"ivr.menu" :"4", "big":9007199254740993, "exact": 1.10,"e": 1E+2')
    .replaceAll('0.69', '0.690');
  const { json } = redactDocument(redactor, source);
  const strings = /"(?:[^"\\]|\\.)*"/g;
  expect(json.replace(strings, '""')).toBe(source.replace(strings, '""'));
  const before = source.match(strings) ?? [];
  const changed = (json.match(strings) ?? []).flatMap((text, index) =>
    text === before[index] ? [] : [text],
  );
  expect(changed).toHaveLength(10);
  for (const text of changed) expect(text).toMatch(/(?:PHONE|EMAIL|SSN|NAME)-[0-9a-f]{16}/);
  expect(json).not.toMatch(/Jane|doe|415.{0,3}555.{0,3}2671|6789/);
});
