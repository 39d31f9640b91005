import { type Range, scanObject } from '@trunkline/json-source';
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** What a conversation's source text says of itself. */
export interface ConversationFacts {
  /** As it stands, never redacted. */
  readonly id: string;
  /** The member that holds it. */
  readonly idMember: 'conversationId' | 'id';
  /** Country whose telephone numbers its people mean, ISO 3166 alpha-2; `null`: it says nothing of it. */
  readonly region: string | null;
  /** Texts that it is without, as its member `missingTexts` names them. */
  readonly missingTexts: number;
}

/**
 * Reads a conversation's id and country from its source text, without making objects of all of it.
 *
 * The country: a member `region`, `country` or `countryCode` of two letters at its top; else that of the customer's own number
 * (a `tel:` address or a number with `+`): `ani` at its top, or of the first session of the participant whose purpose is
 * `customer` or `external`, whose `dnis` it is in an outbound call; `addressFrom` and `addressTo` of a written conversation.
 *
 * @param line UTF-8, valid
 * @returns `null` where it is no JSON object, or has neither `conversationId` nor `id` as a string or a number
 */
export function conversationFacts(line: Buffer): ConversationFacts | null {
  const scanned = scanObject(line, 'participants');
  if (scanned === null) return null;
  const member = (name: string): unknown => {
    const range = scanned.members.get(name);
    return range === undefined ? undefined : parsed(line, range);
  };
  for (const idMember of ['conversationId', 'id'] as const) {
    const range = scanned.members.get(idMember);
    if (range === undefined) continue;
    const id = idOf(line.toString('utf8', range.from, range.to));
    if (id === null) continue;
    const region =
      countryNamed(['region', 'country', 'countryCode'].map(member)) ??
      countryOfNumber(member('ani')) ??
      countryOfCustomer(line, scanned.elements ?? []);
    return { id, idMember, region, missingTexts: missingTexts(line, scanned.members.get('missingTexts')) };
  }
  return null;
}

/** Such as the platform's archive source puts there: an array of objects with a reason. */
function missingTexts(line: Buffer, range: Range | undefined): number {
  if (range === undefined) return 0;
  const named: unknown = JSON.parse(line.toString('utf8', range.from, range.to));
  return Array.isArray(named) ? named.length : 0;
}

/** A number's digits are its id: a double would lose some. */
function idOf(source: string): string | null {
  if (/^-?\d+$/.test(source)) return source;
  if (!source.startsWith('"')) return null;
  const id = JSON.parse(source) as string;
  return id === '' ? null : id;
}

/** Small values only: what these members hold in a sound conversation. */
function parsed(line: Buffer, { from, to }: Range): unknown {
  return to - from > 1_000 ? undefined : JSON.parse(line.toString('utf8', from, to));
}

function countryNamed(values: readonly unknown[]): string | null {
  const found = values.find((value) => typeof value === 'string' && /^[A-Za-z]{2}$/.test(value));
  return typeof found === 'string' ? found.toUpperCase() : null;
}

function countryOfNumber(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const number = /^(?:tel:)?(\+\d{7,15})(?:;.*)?$/i.exec(value.trim())?.[1];
  return number === undefined ? null : (parsePhoneNumberFromString(number)?.country ?? null);
}

function countryOfCustomer(line: Buffer, participants: readonly Range[]): string | null {
  for (const { from, to } of participants) {
    const participant = scanObject(line.subarray(from, to), 'sessions');
    if (participant === null) continue;
    const purpose = participant.members.get('purpose');
    if (purpose === undefined) continue;
    const own = line.subarray(from, to);
    if (!['customer', 'external'].includes(String(parsed(own, purpose)))) continue;
    for (const session of participant.elements ?? []) {
      const bytes = own.subarray(session.from, session.to);
      const members = scanObject(bytes, '')?.members;
      const member = (name: string): unknown => {
        const range = members?.get(name);
        return range === undefined ? undefined : parsed(bytes, range);
      };
      const names = member('direction') === 'outbound' ? ['dnis', 'addressTo'] : ['ani', 'addressFrom'];
      for (const name of names) {
        const country = countryOfNumber(member(name));
        if (country !== null) return country;
      }
    }
  }
  return null;
}
