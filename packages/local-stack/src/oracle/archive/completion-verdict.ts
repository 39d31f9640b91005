import type { ReceivedEvent } from '@trunkline/simulator';
import type { ArchiveVerdict } from './archive-verdict.ts';

/** Pure: every archived window has one completion event, however often it was delivered. */
export function judgeEvents(
  received: readonly ReceivedEvent[],
  windowIds: readonly string[],
  verdict: Pick<ArchiveVerdict, 'events' | 'untold' | 'toldTwice'>,
): void {
  const ids = new Map<string, Set<string>>();
  for (const { accepted, webhookId, body } of received) {
    if (!accepted) continue;
    const windowId = (body as { audit: { conversation_id: string } }).audit.conversation_id;
    ids.set(windowId, (ids.get(windowId) ?? new Set()).add(webhookId ?? ''));
  }
  verdict.events = [...ids.values()].reduce((sum, { size }) => sum + size, 0);
  for (const windowId of windowIds) if (!ids.has(windowId)) verdict.untold.push(windowId);
  for (const [windowId, { size }] of ids) {
    if (size > 1 || !windowIds.includes(windowId)) verdict.toldTwice.push(windowId);
  }
}
