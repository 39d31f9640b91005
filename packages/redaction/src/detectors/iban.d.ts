import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
export declare function findIbans(conversation: Conversation, claims: Claim[]): void;
/** ISO 7064 mod 97-10 over the value with its first four characters moved to the end. */
export declare function passesMod97(value: string): boolean;
//# sourceMappingURL=iban.d.ts.map