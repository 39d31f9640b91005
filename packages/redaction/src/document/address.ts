/** `Jane Doe <jane@example.com>` */
const NAMED = /<([^<>]*)>\s*$/;
const SCHEME = /^(?:tel|sips?|mailto|sms|whatsapp):/i;
/** `+14155552671@edge.example.com`: who is called through a switch, not a mail address. */
const CALLED_THROUGH = /^(\+?\d{7,15})@/;

/** An address as people know it: without scheme, parameters, the name before it and the switch behind a number. */
export function bareAddress(value: string): string {
  const address = NAMED.exec(value)?.[1] ?? value;
  const scheme = SCHEME.exec(address)?.[0] ?? '';
  const bare = address.slice(scheme.length).replace(/;.*$/s, '');
  return scheme.toLowerCase().startsWith('sip') ? (CALLED_THROUGH.exec(bare)?.[1] ?? bare) : bare;
}
