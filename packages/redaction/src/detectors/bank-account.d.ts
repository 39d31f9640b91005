import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
/**
 * Bank account, routing and sort numbers (extended profile): 6 to 17 digits, in groups joined by hyphens or spaces, near
 * "account", "routing", "sort code" and their like. A customer's account at the contact centre's own firm is called
 * an account too and goes with it: that is why this detector is off by default.
 */
export declare function findAccounts(conversation: Conversation, claims: Claim[]): void;
//# sourceMappingURL=bank-account.d.ts.map