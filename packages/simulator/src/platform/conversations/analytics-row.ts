import type { MediaType } from '../../archive/archive-settings.ts';
import { uuid } from '../../archive/conversation-id.ts';
import { harmlessDigits, type Person } from '../../archive/person.ts';
import type { Random, Seed } from '../../audit/random.ts';
import { type Outline, type Party, type Session, steadyRandom } from './outline.ts';
import { Planted, type Written } from './planted.ts';
import { rawNumber } from './raw-number.ts';

/** A segment of a row, as filters look at it. */
interface RowSegment {
  segmentType: string;
  segmentStart: string;
  segmentEnd: string;
  [dimension: string]: unknown;
}

interface RowSession {
  sessionId: string;
  mediaType: string;
  segments: RowSegment[];
  metrics: { name: string; value: number; emitDate: string }[];
  [dimension: string]: unknown;
}

interface RowParticipant {
  participantId: string;
  purpose: string;
  sessions: RowSession[];
  [dimension: string]: unknown;
}

/** `AnalyticsConversation` of the SDK, as far as it is filled here. */
export interface RowObject {
  conversationId: string;
  conversationStart: string;
  conversationEnd?: string;
  participants: RowParticipant[];
  [dimension: string]: unknown;
}

const PURPOSE_ROW = 61;
/** The organisation's own numbers and addresses: of no person, and yet in fields that hold people's. */
const OWN_PHONE = 'tel:+18005550199';
const OWN_MAIL = 'care@acme.example';
const MESSENGERS = ['sms', 'whatsapp', 'webmessaging'] as const;

/** Which messenger a conversation is held over. */
export function messengerOf(seed: Seed, outline: Outline): (typeof MESSENGERS)[number] {
  return steadyRandom(seed, PURPOSE_ROW + 1, outline.slot).pick(MESSENGERS);
}

/**
 * A conversation as the analytics API tells it.
 * @param attributes whether participants have their attributes: rows of jobs have, those of queries have not
 * @param nowMs what ends later has not ended yet
 */
export function rowOf(
  seed: Seed,
  outline: Outline,
  { attributes, nowMs }: { attributes: boolean; nowMs: number },
): { row: RowObject; data: Planted['data'] } {
  const random = steadyRandom(seed, PURPOSE_ROW, outline.slot);
  const planted = new Planted();
  const context = { seed, outline, random, planted, nowMs };
  const { startMs, endMs, slot } = outline;
  const isOver = endMs <= nowMs;
  const depth = slot.odd?.kind === 'deep' ? slot.odd.depth : 0;
  const row: RowObject = {
    conversationId: outline.conversationId,
    conversationStart: time(startMs),
    ...(isOver ? { conversationEnd: time(endMs) } : {}),
    conversationInitiator: 'customer',
    customerParticipation: true,
    divisionIds: [uuid(random)],
    // Digits that doubles cannot hold, and spellings that a round trip through them would change.
    mediaStatsMinConversationMos: rawNumber(`4.${harmlessDigits(random, 21)}`),
    mediaStatsMinConversationRFactor: rawNumber(`9${random.below(10)}.${random.below(10)}0`),
    originatingDirection: 'inbound',
    selfServed: false,
    // No model of the SDK has these; newer services may add members at any time.
    sequence: rawNumber(harmlessDigits(random, 19)),
    drift: rawNumber('-0.0'),
    ...(depth === 0 ? {} : { deep: nested(depth) }),
    participants: [
      customerOf(context, attributes),
      ...outline.others.map((party, index) => otherOf(context, party, index + 1)),
    ],
  };
  return { row, data: planted.data };
}

/** The row's text; the personal data in it, with pointers from the row. */
export function writtenRow(
  seed: Seed,
  outline: Outline,
  options: { attributes: boolean; nowMs: number },
): Written {
  const { row, data } = rowOf(seed, outline, options);
  return { text: JSON.stringify(row), data };
}

interface Context {
  seed: Seed;
  outline: Outline;
  random: Random;
  planted: Planted;
  nowMs: number;
}

function customerOf(context: Context, withAttributes: boolean): RowParticipant {
  const { outline, random, planted } = context;
  const { customer, person } = outline;
  const at = '/participants/0';
  return {
    participantId: customer.participantId,
    participantName: planted.plant(
      'NAME',
      'name-field',
      customer.name,
      customer.name,
      `${at}/participantName`,
    ),
    purpose: 'customer',
    externalContactId: uuid(random),
    ...(withAttributes ? { attributes: attributesOf(person, planted, `${at}/attributes`) } : {}),
    sessions: customer.sessions.map((session, index) =>
      customerSession(context, session, `${at}/sessions/${index}`),
    ),
  };
}

function customerSession(context: Context, session: Session, at: string): RowSession {
  return {
    ...common(context, session),
    ...customerAddresses(context, session.mediaType, at),
    segments: segments(context, session, 'peer', customerSegment(context, session.mediaType, at)),
  };
}

/** How the customer is reached, by media type. */
function customerAddresses(
  { seed, outline, planted }: Context,
  mediaType: MediaType,
  at: string,
): Record<string, unknown> {
  const { person, customer } = outline;
  const address = (type: 'PHONE' | 'EMAIL', value: string, member: string, prefix = '') =>
    planted.plant(type, 'address', value, value, `${at}/${member}`, `${prefix}${value}`);
  const name = (member: string) =>
    planted.plant('NAME', 'name-field', customer.name, customer.name, `${at}/${member}`);
  const direction = { direction: 'inbound', remoteNameDisplayable: name('remoteNameDisplayable') };
  switch (mediaType) {
    case 'voice':
      return {
        ...direction,
        provider: 'Edge',
        ani: address('PHONE', person.phone, 'ani', 'tel:'),
        dnis: OWN_PHONE,
        sessionDnis: OWN_PHONE,
        remote: address('PHONE', person.phone, 'remote', 'sip:'),
      };
    case 'callback':
      return {
        ...direction,
        provider: 'PureCloud Callback',
        ani: address('PHONE', person.phone, 'ani', 'tel:'),
        callbackNumbers: [address('PHONE', person.secondPhone, 'callbackNumbers/0')],
        callbackUserName: name('callbackUserName'),
        callbackScheduledTime: time(outline.startMs + 60_000),
      };
    case 'message':
      return {
        ...direction,
        provider: 'PureCloud Messaging',
        messageType: messengerOf(seed, outline),
        addressFrom: address('PHONE', person.phone, 'addressFrom', 'tel:'),
        addressTo: OWN_PHONE,
        addressOther: address('PHONE', person.phone, 'addressOther', 'tel:'),
      };
    case 'email':
      return {
        ...direction,
        provider: 'PureCloud Email',
        addressFrom: address('EMAIL', person.mail, 'addressFrom'),
        addressTo: OWN_MAIL,
        addressSelf: OWN_MAIL,
        addressOther: address('EMAIL', person.mail, 'addressOther'),
        cc: [address('EMAIL', person.mail, 'cc/0')],
        destinationAddresses: [OWN_MAIL],
      };
    case 'chat':
      return {
        ...direction,
        provider: 'PureCloud Webchat v2',
        addressFrom: address('EMAIL', person.mail, 'addressFrom'),
        roomId: `${mediaType}-${outline.conversationId}@conference.acme.example`,
      };
    default:
      return mediaType satisfies never;
  }
}

function customerSegment({ outline, planted }: Context, mediaType: MediaType, at: string) {
  const { mail } = outline.person;
  if (mediaType !== 'email') return {};
  return {
    subject: planted.plant('EMAIL', 'subject', mail, mail, `${at}/segments/0/subject`, subjectOf(mail)),
  };
}

/** Of all mails of a customer. */
export function subjectOf(mail: string): string {
  return `Re: your bill, ${mail}`;
}

function otherOf(context: Context, party: Party, place: number): RowParticipant {
  const { outline, planted } = context;
  const at = `/participants/${place}`;
  return {
    participantId: party.participantId,
    participantName: party.name,
    purpose: party.purpose,
    ...(party.userId === null ? {} : { userId: party.userId }),
    sessions: party.sessions.map((session, index) => ({
      ...common(context, session),
      direction: 'inbound',
      ...(session.mediaType === 'voice' || session.mediaType === 'callback' ? { dnis: OWN_PHONE } : {}),
      segments: segments(
        context,
        session,
        'client',
        party.purpose === 'agent'
          ? noteOf(outline.person, planted, `${at}/sessions/${index}/segments/0`)
          : {},
      ),
    })),
  };
}

function noteOf({ secondPhone }: Person, planted: Planted, at: string): { wrapUpNote: string } {
  const written = asDialled(secondPhone);
  return {
    wrapUpNote: planted.plant(
      'PHONE',
      'note',
      secondPhone,
      written,
      `${at}/wrapUpNote`,
      `call back on ${written} tomorrow`,
    ),
  };
}

/** What all sessions have. */
function common({ random, outline }: Context, session: Session) {
  const durationMs = session.endMs - session.startMs;
  return {
    sessionId: session.sessionId,
    mediaType: session.mediaType as string,
    requestedRoutings: ['Standard'],
    usedRouting: 'Standard',
    peerId: uuid(random),
    recording: session.text !== 'none',
    metrics: [
      {
        name: 'nConnected',
        value: 1,
        emitDate: time(session.startMs),
      },
      {
        name: 'tTalk',
        value: rawNumber(`${Math.floor(durationMs / 2)}.${random.below(10)}0`),
        emitDate: time(session.endMs),
      },
    ],
    ...(session.mediaType === 'voice'
      ? { edgeId: uuid(random), protocolCallId: outline.conversationId }
      : {}),
  };
}

function segments(
  { random, nowMs }: Context,
  { startMs, endMs }: Session,
  disconnectType: string,
  more: object,
): RowSegment[] {
  return [
    {
      segmentStart: time(startMs),
      // What goes on has no end yet.
      ...(endMs <= nowMs ? { segmentEnd: time(endMs), disconnectType } : {}),
      segmentType: 'interact',
      conference: false,
      queueId: uuid(random),
      wrapUpCode: uuid(random),
      ...more,
    } as RowSegment,
  ];
}

/** Free-form: whatever a flow or a script put there. */
function attributesOf(person: Person, planted: Planted, at: string): Record<string, string> {
  const { phone, secondPhone, mail, ssn, card, iban } = person;
  const name = `${person.first} ${person.last}`;
  const written = asDialled(secondPhone);
  const dashed = `${ssn.slice(0, 3)}-${ssn.slice(3, 5)}-${ssn.slice(5)}`;
  const grouped = (card.match(/\d{4}/g) as string[]).join(' ');
  const nestedJson = JSON.stringify({ contact: { phone: written, email: mail }, retries: 3 });
  const attribute = (
    key: string,
    type: 'PHONE' | 'EMAIL' | 'SSN' | 'CARD' | 'IBAN',
    canonical: string,
    text: string,
  ) => ({
    [key]: planted.plant(type, 'attribute', canonical, text, `${at}/${key}`),
  });
  planted.plant('PHONE', 'nested-json', secondPhone, written, `${at}/crm.context`);
  planted.plant('EMAIL', 'nested-json', mail, mail, `${at}/crm.context`);
  planted.plant('PHONE', 'key', secondPhone, secondPhone, `${at}/verified ${secondPhone}`);
  planted.plant('EMAIL', 'key', mail, mail, `${at}/${mail}`);
  return {
    ...attribute('customer.phone', 'PHONE', phone, phone),
    ...attribute('customer.email', 'EMAIL', mail, mail),
    ...attribute('customer.ssn', 'SSN', ssn, dashed),
    ...attribute('payment.card', 'CARD', card, grouped),
    ...attribute('refund.iban', 'IBAN', iban, iban),
    // A name in a free field is beyond what the engine claims.
    'customer.fullName': planted.plantUnclaimed('NAME', 'attribute', name, `${at}/customer.fullName`),
    [`verified ${secondPhone}`]: 'true',
    [mail]: 'opt-in',
    'crm.context': nestedJson,
    'ivr.menu': '4',
    'größe 📦': 'XL',
  };
}

/** An American number as Americans write it. */
function asDialled(phone: string): string {
  const digits = phone.slice(2);
  return `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`;
}

function nested(depth: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < depth; level++) value = { d: value };
  return value;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
