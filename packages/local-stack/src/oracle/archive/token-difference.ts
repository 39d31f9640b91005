import { createHmac } from 'node:crypto';
import type { LedgerConversation, PersonalDatum } from '@trunkline/simulator';

/**
 * Whether every value has become the token of its canonical form: HMAC-SHA256 under the key, 16 hex digits, with or without
 * the key's id before them. Made anew here, from what the simulator knows of the conversation.
 * @returns places where something else stands, without a value
 */
export function tokenDifferences(
  { data = [] }: LedgerConversation,
  redacted: string,
  tokenizationKey: string | Buffer,
): string[] {
  const document: unknown = JSON.parse(redacted);
  const own = data.find(({ type, form }) => type === 'PHONE' && form === 'address')?.canonical ?? '';
  return data.flatMap((datum) => {
    if (!datum.claimed || !isTold(datum, own)) return [];
    const digits = createHmac('sha256', tokenizationKey).update(datum.canonical).digest('hex').slice(0, 16);
    const { pointer = '' } = datum.places[0] ?? {};
    const text = textAt(document, pointer);
    // Rows without attributes have none of their values.
    if (text === null || text.includes(`-${digits}`) || text.includes(`.${digits}`)) return [];
    return [`${datum.type}:${datum.form} at ${pointer}`];
  });
}

/**
 * Whether a value's canonical form can be told from its writing: a number without its country code is of the country that the
 * conversation is in, whichever that is.
 * @param own the customer's own number, which tells the country
 */
function isTold({ type, form, canonical }: PersonalDatum, own: string): boolean {
  if (form === 'key') return false;
  if (type !== 'PHONE' || form === 'address' || form === 'intl') return true;
  return canonical.startsWith('+1') && own.startsWith('+1') && form !== 'national';
}

function textAt(document: unknown, pointer: string): string | null {
  let at = document;
  for (const name of pointer.slice(1).split('/')) {
    if (typeof at !== 'object' || at === null) return null;
    at = (at as Record<string, unknown>)[name];
  }
  return typeof at === 'string' ? at : null;
}
