import type { Person } from './person.ts';
import type { PersonalDatum, PersonalForm, PersonalType } from './personal-datum.ts';

/** JSON members that are the same in all conversations of a customer, each with a comma behind it. */
export interface CustomerFields {
  /** Of the participant, e.g. `"participantName":"...","attributes":{...},`. */
  participant: string;
  /** Of its session, when spoken and when written. */
  voiceSession: string;
  textSession: string;
  /** Of its segment. */
  segment: string;
  participantData: PersonalDatum[];
  voiceData: PersonalDatum[];
  textData: PersonalDatum[];
  segmentData: PersonalDatum[];
}

const PARTICIPANT = '/participants/0';
const SESSION = `${PARTICIPANT}/sessions/0`;
const SEGMENT = `${SESSION}/segments/0`;

/** The places outside of the transcript where Genesys Cloud keeps personal data (analytics session, participant, segment). */
export function customerFields(person: Person): CustomerFields {
  const { phone, secondPhone, mail, ssn, card, iban } = person;
  const name = `${person.first} ${person.last}`;
  const digits = secondPhone.slice(2);
  const written = `(${digits.slice(0, 3)}) ${digits.slice(3, 6)}-${digits.slice(6)}`;
  const dashed = `${ssn.slice(0, 3)}-${ssn.slice(3, 5)}-${ssn.slice(5)}`;
  const grouped = (card.match(/\d{4}/g) as string[]).join(' ');
  const attribute = (key: string) => `${PARTICIPANT}/attributes/${key}`;
  const nested = JSON.stringify({ contact: { phone: written, email: mail }, retries: 3 });
  const participant = members({
    participantName: name,
    purpose: 'customer',
    attributes: {
      'customer.phone': written,
      'customer.email': mail,
      'customer.ssn': dashed,
      'payment.card': grouped,
      'refund.iban': iban,
      'customer.fullName': name,
      [`verified ${secondPhone}`]: 'true',
      [mail]: 'opt-in',
      'crm.context': nested,
      'ivr.menu': '4',
      'größe 📦': 'XL',
    },
  });
  const participantData = [
    datum('NAME', 'name-field', name, name, `${PARTICIPANT}/participantName`),
    datum('PHONE', 'attribute', secondPhone, written, attribute('customer.phone')),
    datum('EMAIL', 'attribute', mail, mail, attribute('customer.email')),
    datum('SSN', 'attribute', ssn, dashed, attribute('customer.ssn')),
    datum('CARD', 'attribute', card, grouped, attribute('payment.card')),
    datum('IBAN', 'attribute', iban, iban, attribute('refund.iban')),
    // A name in a free field is beyond what the engine claims.
    { ...datum('NAME', 'attribute', name, name, attribute('customer.fullName')), claimed: false },
    datum('PHONE', 'key', secondPhone, secondPhone, attribute(`verified ${secondPhone}`)),
    datum('EMAIL', 'key', mail, mail, attribute(mail)),
    datum('PHONE', 'nested-json', secondPhone, written, attribute('crm.context')),
    datum('EMAIL', 'nested-json', mail, mail, attribute('crm.context')),
  ];

  const voiceSession = members({
    direction: 'inbound',
    ani: `tel:${phone}`,
    dnis: `tel:${secondPhone}`,
    sessionDnis: `tel:${secondPhone}`,
    remote: `tel:${phone}`,
    remoteNameDisplayable: name,
    callbackNumbers: [secondPhone],
    callbackUserName: name,
  });
  const voiceData = [
    address('PHONE', phone, 'ani'),
    address('PHONE', secondPhone, 'dnis'),
    address('PHONE', secondPhone, 'sessionDnis'),
    address('PHONE', phone, 'remote'),
    datum('NAME', 'name-field', name, name, `${SESSION}/remoteNameDisplayable`),
    address('PHONE', secondPhone, 'callbackNumbers/0'),
    datum('NAME', 'name-field', name, name, `${SESSION}/callbackUserName`),
  ];
  const textSession = members({
    direction: 'inbound',
    addressFrom: mail,
    addressOther: `tel:${phone}`,
    cc: [mail],
    remoteNameDisplayable: name,
  });
  const textData = [
    address('EMAIL', mail, 'addressFrom'),
    address('PHONE', phone, 'addressOther'),
    address('EMAIL', mail, 'cc/0'),
    datum('NAME', 'name-field', name, name, `${SESSION}/remoteNameDisplayable`),
  ];

  const segment = members({
    subject: `Re: your bill, ${mail}`,
    wrapUpNote: `call back on ${written} tomorrow`,
  });
  const segmentData = [
    datum('EMAIL', 'subject', mail, mail, `${SEGMENT}/subject`),
    datum('PHONE', 'note', secondPhone, written, `${SEGMENT}/wrapUpNote`),
  ];
  return {
    participant,
    voiceSession,
    textSession,
    segment,
    participantData,
    voiceData,
    textData,
    segmentData,
  };
}

function address(type: PersonalType, value: string, member: string): PersonalDatum {
  return datum(type, 'address', value, value, `${SESSION}/${member}`);
}

function datum(
  type: PersonalType,
  form: PersonalForm,
  canonical: string,
  written: string,
  pointer: string,
): PersonalDatum {
  return { type, form, claimed: true, canonical, written, places: [{ pointer, text: written }] };
}

function members(object: object): string {
  return `${JSON.stringify(object).slice(1, -1)},`;
}
