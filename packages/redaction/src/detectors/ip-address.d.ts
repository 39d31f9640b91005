import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
export declare function findIpAddresses(conversation: Conversation, claims: Claim[]): void;
//# sourceMappingURL=ip-address.d.ts.map