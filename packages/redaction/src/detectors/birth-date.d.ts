import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
export declare function findBirthDates(conversation: Conversation, claims: Claim[]): void;
//# sourceMappingURL=birth-date.d.ts.map