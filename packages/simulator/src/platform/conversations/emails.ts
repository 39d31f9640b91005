import { uuid } from '../../archive/conversation-id.ts';
import type { Person } from '../../archive/person.ts';
import type { PersonalDatum } from '../../archive/personal-datum.ts';
import type { Seed } from '../../audit/random.ts';
import { subjectOf } from './analytics-row.ts';
import type { Dialogue } from './dialogue-lines.ts';
import { type Outline, steadyRandom } from './outline.ts';
import { Planted, type Written } from './planted.ts';

const PURPOSE_EMAILS = 65;
const OWN = { email: 'care@acme.example', name: 'Acme Care' };
/** Lines of a dialogue that one mail holds, of whoever said them: mails quote. */
const LINES_EACH = 6;

/** A mail of a conversation: which lines of the dialogue it holds. */
export interface Email {
  id: string;
  time: string;
  sender: 'agent' | 'customer';
  lines: readonly number[];
}

/** Every mail of a conversation, in order of time. */
export function emailsOf(seed: Seed, outline: Outline, { lines, data }: Dialogue): Email[] {
  if (outline.mediaType !== 'email') return [];
  const random = steadyRandom(seed, PURPOSE_EMAILS, outline.slot);
  const { startMs, endMs } = outline;
  // Nobody breaks a number off in a mail and goes on in the next one.
  const broken = new Set(
    data
      .filter(({ places }) => places.length > 1)
      .flatMap(({ places }) => places.map(({ pointer }) => pointer)),
  );
  const whole = lines.flatMap((_, index) => (broken.has(String(index)) ? [] : [index]));
  const count = Math.ceil(whole.length / LINES_EACH);
  return Array.from({ length: count }, (_, index) => ({
    id: uuid(random),
    time: new Date(startMs + Math.floor(((endMs - startMs) * index) / count)).toISOString(),
    sender: index % 2 === 0 ? 'customer' : 'agent',
    lines: whole.slice(index * LINES_EACH, (index + 1) * LINES_EACH),
  }));
}

/** `EmailMessage` of the SDK. Pointers from the mail. */
export function writtenEmail(outline: Outline, email: Email, dialogue: Dialogue): Written {
  const planted = new Planted();
  const { person } = outline;
  const texts = email.lines.map((line) => dialogue.lines[line]?.text ?? '');
  const held = (pointer: string) =>
    dialogue.data
      .filter(({ places }) => places.length === 1 && email.lines.includes(Number(places[0]?.pointer)))
      .map((datum) => ({ ...datum, places: datum.places.map((place) => ({ ...place, pointer })) }));
  planted.data.push(...held('/textBody'));
  planted.data.push(...held('/htmlBody').map(inHtml));
  const bodies = {
    textBody: texts.join('\n'),
    htmlBody: `<html><body>${texts.map((text) => `<p>${escaped(text)}</p>`).join('')}</body></html>`,
  };
  const message = {
    ...headOf(email, person, planted),
    attachments: [],
    ...bodies,
    emailSizeBytes: Buffer.byteLength(bodies.textBody) + Buffer.byteLength(bodies.htmlBody),
    selfUri: pathOf(outline, email),
  };
  return { text: JSON.stringify(message), data: planted.data };
}

/** `EmailMessagePreviewListing` of the SDK: all mails, without their bodies. */
export function emailListing(outline: Outline, emails: readonly Email[], dialogue: Dialogue): string {
  const path = `/api/v2/conversations/emails/${outline.conversationId}/messages`;
  return JSON.stringify({
    entities: emails.map((email) => ({
      ...headOf(email, outline.person, new Planted()),
      textBodyPreview: (dialogue.lines[email.lines[0] ?? 0]?.text ?? '').slice(0, 40),
      selfUri: pathOf(outline, email),
    })),
    pageSize: emails.length,
    pageNumber: 1,
    total: emails.length,
    pageCount: 1,
    selfUri: path,
    firstUri: path,
    lastUri: path,
  });
}

function headOf({ id, time, sender }: Email, person: Person, planted: Planted) {
  const isFromCustomer = sender === 'customer';
  const name = `${person.first} ${person.last}`;
  const mail = (pointer: string) => planted.plant('EMAIL', 'address', person.mail, person.mail, pointer);
  const customer = (at: string) => ({
    email: mail(`${at}/email`),
    name: planted.plant('NAME', 'name-field', name, name, `${at}/name`),
  });
  return {
    id,
    to: [isFromCustomer ? OWN : customer('/to/0')],
    cc: isFromCustomer ? [customer('/cc/0')] : [],
    bcc: [],
    from: isFromCustomer ? customer('/from') : OWN,
    replyTo: isFromCustomer ? customer('/replyTo') : OWN,
    subject: planted.plant('EMAIL', 'subject', person.mail, person.mail, '/subject', subjectOf(person.mail)),
    time,
    historyIncluded: false,
    state: 'Ready',
  };
}

function pathOf({ conversationId }: Outline, { id }: Email): string {
  return `/api/v2/conversations/emails/${conversationId}/messages/${id}`;
}

/** The same value as markup writes it. */
function inHtml(datum: PersonalDatum): PersonalDatum {
  const places = datum.places.map(({ pointer, text }) => ({ pointer, text: escaped(text) }));
  return { ...datum, written: escaped(datum.written), places };
}

/** A reference like `&#64;` is one already. */
function escaped(text: string): string {
  return text.replace(/&(?!#\d+;)|[<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
