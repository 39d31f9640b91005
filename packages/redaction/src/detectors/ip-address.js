import { isIPv6 } from 'node:net';
import { CONTEXT } from '../types.js';
/**
 * IP addresses (extended profile): four octets with dots, not part of a longer dotted or hyphenated number, and IPv6
 * in any of its written forms with at least two colons. Version numbers of four parts up to 255 look the same and go
 * too.
 */
const IP_V4 = /(?<![\w.-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w-]|\.\d)/g;
const IP_V6 = /(?<![\w:.])[0-9a-fA-F:]{2,39}(?:(?<=:)(?:\d{1,3}\.){3}\d{1,3})?(?![\w:])/g;
export function findIpAddresses(conversation, claims) {
    const { text } = conversation;
    for (const match of text.matchAll(IP_V4))
        push(conversation, claims, match.index, match[0]);
    for (const match of text.matchAll(IP_V6)) {
        if (match[0].indexOf(':') !== match[0].lastIndexOf(':') && isIPv6(match[0])) {
            push(conversation, claims, match.index, match[0]);
        }
    }
}
function push(conversation, claims, start, address) {
    const tokens = conversation.tokensIn(start, start + address.length);
    if (tokens === null)
        return;
    claims.push({ type: 'IP', canonical: address.toLowerCase(), confidence: CONTEXT, ...tokens });
}
//# sourceMappingURL=ip-address.js.map