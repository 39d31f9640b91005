import { uuid } from '../../archive/conversation-id.ts';
import type { Seed } from '../../audit/random.ts';
import { messengerOf } from './analytics-row.ts';
import { type Dialogue, withinLine } from './dialogue-lines.ts';
import { type Outline, steadyRandom } from './outline.ts';
import { Planted, type Written } from './planted.ts';

const PURPOSE_MESSAGES = 64;
const OWN_ADDRESS = '+18005550199';

/** A message: its metadata, as `GET conversations/messages/{id}` lists it, and its text. */
export interface Message {
  id: string;
  time: string;
  speaker: 'agent' | 'customer';
}

/** Every message of a conversation, in order of time: one a line of its dialogue. */
export function messagesOf(seed: Seed, outline: Outline, { lines }: Dialogue): Message[] {
  if (outline.mediaType !== 'message') return [];
  const random = steadyRandom(seed, PURPOSE_MESSAGES, outline.slot);
  const { startMs, endMs } = outline;
  const eachMs = Math.max(1, Math.floor((endMs - startMs) / (lines.length + 1)));
  return lines.map(({ speaker }, index) => ({
    id: uuid(random),
    time: new Date(startMs + index * eachMs).toISOString(),
    speaker,
  }));
}

/** `MessageData` of the SDK. Pointers from the message. */
export function writtenMessage(
  seed: Seed,
  outline: Outline,
  { id, time, speaker }: Message,
  dialogue: Dialogue,
  index: number,
): Written {
  const planted = new Planted();
  const { phone, first, last } = outline.person;
  const name = `${first} ${last}`;
  const isInbound = speaker === 'customer';
  const messenger = messengerOf(seed, outline);
  const customerAt = `/normalizedMessage/channel/${isInbound ? 'from' : 'to'}`;
  const address = (pointer: string) => planted.plant('PHONE', 'address', phone, phone, pointer);
  const customer = {
    nickname: planted.plant('NAME', 'name-field', name, name, `${customerAt}/nickname`),
    id: address(`${customerAt}/id`),
    idType: 'Phone',
    firstName: planted.plant('NAME', 'name-field', first, first, `${customerAt}/firstName`),
    lastName: planted.plant('NAME', 'name-field', last, last, `${customerAt}/lastName`),
  };
  const own = { nickname: 'Acme Care', id: OWN_ADDRESS, idType: 'Phone' };
  planted.data.push(...withinLine(dialogue, index, '/normalizedMessage/text'));
  const message = {
    id,
    providerMessageId: id.replaceAll('-', ''),
    timestamp: time,
    fromAddress: isInbound ? address('/fromAddress') : OWN_ADDRESS,
    toAddress: isInbound ? OWN_ADDRESS : address('/toAddress'),
    direction: isInbound ? 'inbound' : 'outbound',
    messengerType: messenger,
    status: isInbound ? 'received' : 'delivered',
    normalizedMessage: {
      id,
      channel: {
        id: outline.customer.participantId,
        platform: messenger === 'webmessaging' ? 'WebMessaging' : messenger === 'sms' ? 'SMS' : 'WhatsApp',
        type: 'Private',
        messageId: id,
        to: isInbound ? own : customer,
        from: isInbound ? customer : own,
        time,
      },
      type: 'Text',
      text: dialogue.lines[index]?.text ?? '',
      originatingEntity: 'Human',
      direction: isInbound ? 'Inbound' : 'Outbound',
      metadata: { correlationId: outline.customer.participantId },
    },
    conversationId: outline.conversationId,
    selfUri: `/api/v2/conversations/messages/${outline.conversationId}/messages/${id}`,
  };
  return { text: JSON.stringify(message), data: planted.data };
}

/** `MessageConversation` of the SDK: who took part, and the ids of what they wrote. No text. */
export function messageConversation(outline: Outline, messages: readonly Message[]): string {
  const { conversationId, customer, others, person, startMs, endMs } = outline;
  const path = `/api/v2/conversations/messages/${conversationId}`;
  const details = (speaker: Message['speaker']) =>
    messages
      .filter((message) => message.speaker === speaker)
      .map(({ id, time }) => ({
        messageId: id,
        messageURI: `${path}/messages/${id}`,
        messageStatus: speaker === 'customer' ? 'received' : 'delivered',
        messageSegmentCount: 1,
        messageTime: time,
      }));
  const agent = others.find(({ purpose }) => purpose === 'agent');
  return JSON.stringify({
    id: conversationId,
    participants: [
      {
        id: customer.participantId,
        name: customer.name,
        startTime: new Date(startMs).toISOString(),
        endTime: new Date(endMs).toISOString(),
        purpose: 'customer',
        state: 'disconnected',
        direction: 'inbound',
        fromAddress: { addressNormalized: person.phone, addressRaw: person.phone },
        toAddress: { addressNormalized: OWN_ADDRESS },
        messages: details('customer'),
      },
      ...others.map((party) => ({
        id: party.participantId,
        name: party.name,
        purpose: party.purpose,
        state: 'disconnected',
        direction: 'inbound',
        messages: party === agent ? details('agent') : [],
      })),
    ],
    selfUri: path,
  });
}
