/** Which addresses a webhook may lie at, judged when a connection is made: a name may mean something else by then. */
import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { TrunklineError } from '@trunkline/contracts';

/** What is not the public internet: IANA's special-purpose registries (RFC 6890 and its successors), cloud metadata among them. */
const forbidden = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv4');
}
for (const [network, prefix] of [
  ['::', 96], // unspecified, loopback, and the form of IPv4 addresses that is not used any more
  ['64:ff9b::', 96], // IPv4 behind NAT64
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23], // Teredo and others
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: any IPv4 address in disguise
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const) {
  forbidden.addSubnet(network, prefix, 'ipv6');
}

/** @param address IPv4 or IPv6, as text */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  if (family === 4) return !forbidden.check(address, 'ipv4');
  const mapped = mappedIpv4(address);
  return mapped === null ? !forbidden.check(address, 'ipv6') : !forbidden.check(mapped, 'ipv4');
}

/** The IPv4 address in `::ffff:1.2.3.4`, in whichever way it is written. */
function mappedIpv4(address: string): string | null {
  const canonical = new URL(`http://[${address.split('%')[0]}]`).hostname.slice(1, -1);
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (match === null) return null;
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/**
 * Refuses a URL whose host is a forbidden address in figures: for such a host no name is looked up.
 * @throws TrunklineError WEBHOOK_ADDRESS_FORBIDDEN
 */
export function requirePublicHost(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw addressForbidden();
}

/** `lookup` for connections: fails where one of the addresses of a name is forbidden. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => !isPublicAddress(address))) {
      return callback(addressForbidden(), '', 0);
    }
    if (options.all === true) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};

function addressForbidden(): TrunklineError {
  return new TrunklineError('WEBHOOK_ADDRESS_FORBIDDEN', {
    message: 'EVENT_BRIDGE_URL leads to a private, loopback, link-local or otherwise special address.',
    remedy: 'Set EVENT_BRIDGE_ALLOW_PRIVATE=true where that is meant; else check the name and its DNS.',
  });
}
