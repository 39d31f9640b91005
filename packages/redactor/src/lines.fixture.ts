import type { EngineSettings } from './engine-settings.ts';

export const testEngine: EngineSettings = {
  key: new TextEncoder().encode('0123456789abcdef0123456789abcdef'),
  keyId: null,
  hexLength: 16,
  mode: 'canonical',
  profile: 'standard',
  region: 'US',
  patterns: [],
};

/** Personal data by where it stands in `personalLine`; none of it may come out. */
export const personal = {
  spoken: '415-555-2671',
  key: '(212) 555-0188',
  mail: 'jane.doe@example.com',
  address: '+13105550142',
  social: '123-45-6789',
  name: 'Jane Doe-Smith',
  nested: '650 555 0123',
  callback: '4085550199',
};

/** A conversation with personal data wherever it can stand, and with numbers that a double cannot hold. */
export function personalLine(id: string): string {
  return `{"conversationId":${JSON.stringify(id)},"big":12345678901234567890,"exact":1.10,"exponent":1E+400,"startTime":1610679598066,
"participants":[{"purpose":"customer","participantName":"${personal.name}","attributes":{"note ${personal.key}":"x","mail":"${personal.mail}"},
"sessions":[{"direction":"inbound","ani":"tel:${personal.address}","dnis":"tel:+18005550000"}]}],
"payload":"{\\"deep\\":\\"${personal.nested}\\"}","callbackNumber":${personal.callback},
"transcripts":["Agent: your number?","Customer: it is ${personal.spoken}","Customer: and my social is ${personal.social}"]}`.replaceAll(
    '\n',
    ' ',
  );
}

/** A conversation of about so many bytes with nothing personal in it. */
export function plainLine(id: string, bytes: number): string {
  const words = 'thank you for calling how can I help today '.repeat(Math.ceil(bytes / 44));
  return JSON.stringify({ conversationId: id, transcripts: [words.slice(0, bytes)] });
}
