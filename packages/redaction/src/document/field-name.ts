/** What a member's name says about its value. */

const PHONE_FIELD =
  /(?:^|[^a-z])(?:ani|dnis|phone|telephone|tel|mobile|cell|cellphone|landline|fax|msisdn|callback|whatsapp|sms|caller)(?:[^a-z]*(?:number|numbers|no|nr|num|id|s|\d+))?$/;
const SSN_FIELD =
  /(?:^|[^a-z])(?:ssn|socialsecurity|social security|tax id|itin)(?:[^a-z]*(?:number|no|nr|num))?$/;
const CARD_FIELD = /(?:^|[^a-z])(?:card|credit card|pan|cc|debit card)(?:[^a-z]*(?:number|no|nr|num))?$/;

const NO_VALUE = /\s(ids?|uri|url|time|date|timestamp|ms|start|end|duration)$/;

/** A document has few names, and each many times. */
const MOST_REMEMBERED = 4_096;

function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let value = known.get(text);
    if (value === undefined) {
      if (known.size === MOST_REMEMBERED) known.clear();
      value = read(text);
      known.set(text, value);
    }
    return value;
  };
}

/** A name in words: `callbackNumbers` and `callback_numbers` become "callback numbers". */
export const wordsOfName = remembered((name) =>
  name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/[_\-./]+/g, ' ')
    .toLowerCase(),
);

/** Whether a number under this name is a telephone, social security or card number, and which. */
export function numberFieldType(words: string): 'PHONE' | 'SSN' | 'CARD' | null {
  if (PHONE_FIELD.test(words)) return 'PHONE';
  if (SSN_FIELD.test(words)) return 'SSN';
  return CARD_FIELD.test(words) ? 'CARD' : null;
}

/**
 * What a member's name says of its value, for the engine to read before it. A name that ends in "id" or "time" names no telephone,
 * whatever stands before: `protocolCallId` and `callbackScheduledTime` hold ids and times.
 */
export const contextOfName = remembered((words) =>
  numberFieldType(words) === null ? (NO_VALUE.exec(words)?.[1] ?? words) : words,
);
