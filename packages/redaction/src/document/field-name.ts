/** What a member's name says about its value. */

const PHONE_FIELD =
  /(?:^|[^a-z])(?:ani|dnis|phone|telephone|tel|mobile|cell|cellphone|landline|fax|msisdn|callback|whatsapp|sms|caller)(?:[^a-z]*(?:number|numbers|no|nr|num|id|s|\d+))?$/;
const SSN_FIELD =
  /(?:^|[^a-z])(?:ssn|socialsecurity|social security|tax id|itin)(?:[^a-z]*(?:number|no|nr|num))?$/;
const CARD_FIELD = /(?:^|[^a-z])(?:card|credit card|pan|cc|debit card)(?:[^a-z]*(?:number|no|nr|num))?$/;

/** A name in words: `callbackNumbers` and `callback_numbers` become "callback numbers". */
export function wordsOfName(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/[_\-./]+/g, ' ')
    .toLowerCase();
}

/** Whether a number under this name is a telephone, social security or card number, and which. */
export function numberFieldType(words: string): 'PHONE' | 'SSN' | 'CARD' | null {
  if (PHONE_FIELD.test(words)) return 'PHONE';
  if (SSN_FIELD.test(words)) return 'SSN';
  return CARD_FIELD.test(words) ? 'CARD' : null;
}
