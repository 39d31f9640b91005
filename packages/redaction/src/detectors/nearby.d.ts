import type { Conversation } from '../text/conversation.ts';
/** Whether a word stands within a few tokens before a token, or in one of the two phrases before its own. */
export declare function hasCueNear(conversation: Conversation, token: number, isCue: (entry: number) => boolean): boolean;
//# sourceMappingURL=nearby.d.ts.map