import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
/**
 * Mail addresses, from every place where an "at" stands: `@` (also `[@]`, ` @ `), or the word in one of four
 * languages, bare, in brackets, or between underscores. To the right a domain must follow, typed or spoken; to the
 * left a local part, typed or spoken.
 *
 * With a typed `@` and nothing but the address around it no context is needed. The word "at" is also a word: "seen
 * at woodgrove dot com" is no address. There the word before must not be one of everyday speech, and an ordinary
 * single word needs an address to be spoken of.
 *
 * Limits: a local part in quotation marks with spaces in it is taken from its last word on; IP address literals as
 * domains are not addresses here.
 */
export declare function findEmails(conversation: Conversation, claims: Claim[]): void;
/** Lower case, composed: what two writings of one address share. */
export declare function canonicalMail(address: string): string;
//# sourceMappingURL=email.d.ts.map