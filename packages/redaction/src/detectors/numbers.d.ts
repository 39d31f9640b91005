import type { CountryCode } from 'libphonenumber-js/min';
import type { Conversation } from '../text/conversation.ts';
import { type Claim } from '../types.ts';
export interface NumberSettings {
    readonly region: CountryCode;
    readonly phone: boolean;
    readonly ssn: boolean;
    readonly card: boolean;
}
/** Every telephone, social security and card number of a conversation, typed or spoken. */
export declare function findNumbers(conversation: Conversation, settings: NumberSettings, claims: Claim[]): void;
//# sourceMappingURL=numbers.d.ts.map