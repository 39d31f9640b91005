import { uuid } from '../../archive/conversation-id.ts';
import type { Seed } from '../../audit/random.ts';
import { type Dialogue, withinLine } from './dialogue-lines.ts';
import { type Outline, steadyRandom } from './outline.ts';
import type { Written } from './planted.ts';

const PURPOSE_CHAT = 66;

/** The lines of a web chat, `ChatMessage` of the SDK, each with pointers from itself; none where it was not recorded. */
export function writtenChatLines(seed: Seed, outline: Outline, dialogue: Dialogue): Written[] {
  const { customer, startMs, endMs, conversationId } = outline;
  const [session] = customer.sessions;
  if (outline.mediaType !== 'chat' || session === undefined || session.text === 'none') return [];
  const random = steadyRandom(seed, PURPOSE_CHAT, outline.slot);
  const agent = outline.others.find(({ purpose }) => purpose === 'agent');
  const eachMs = Math.max(1, Math.floor((endMs - startMs) / (dialogue.lines.length + 1)));
  return dialogue.lines.map(({ speaker, text }, index) => {
    const isCustomer = speaker === 'customer';
    const line = {
      id: uuid(random),
      from: isCustomer ? customer.participantId : agent?.participantId,
      to: conversationId,
      utc: new Date(startMs + index * eachMs).toISOString(),
      body: text,
      type: 'message',
      bodyType: 'standard',
      senderCommunicationId: isCustomer ? session.sessionId : agent?.sessions[0]?.sessionId,
      participantPurpose: speaker,
    };
    return { text: JSON.stringify(line), data: withinLine(dialogue, index, '/body') };
  });
}

/** `Recording`s of a conversation: of a web chat with its lines; nothing else was recorded here that has text of its own. */
export function recordingsOf(outline: Outline, lines: readonly Written[]): string {
  if (lines.length === 0) return '[]';
  const { conversationId, startMs, endMs, customer } = outline;
  const sessionId = customer.sessions[0]?.sessionId;
  const recording = JSON.stringify({
    id: sessionId,
    conversationId,
    startTime: new Date(startMs).toISOString(),
    endTime: new Date(endMs).toISOString(),
    media: 'chat',
    fileState: 'AVAILABLE',
    sessionId,
    selfUri: `/api/v2/conversations/${conversationId}/recordings/${sessionId}`,
  });
  return `[${recording.slice(0, -1)},"transcript":[${lines.map(({ text }) => text).join(',')}]}]`;
}
