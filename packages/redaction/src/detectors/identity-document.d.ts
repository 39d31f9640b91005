import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
/**
 * Passport and driver licence numbers (extended profile). Their forms differ by country and state and look like any
 * reference, so only context tells them: 6 to 12 letters and digits with at least four digits (licences up to 20, in
 * groups joined by hyphens), within a dozen words behind "passport" or "licence", or in answer to such a question.
 */
export declare function findDocuments(conversation: Conversation, wanted: {
    readonly passport: boolean;
    readonly licence: boolean;
}, claims: Claim[]): void;
//# sourceMappingURL=identity-document.d.ts.map