import type { ReceivedEvent } from '@trunkline/simulator';
import type { ArchiveVerdict } from './archive-verdict.ts';

/**
 * Pure: every archived window has one completion event, however often it was delivered, and one more for each time that it was
 * fetched once more.
 * @param archived how often each window was archived
 */
export function judgeEvents(
  received: readonly ReceivedEvent[],
  archived: ReadonlyMap<string, number>,
  verdict: Pick<ArchiveVerdict, 'events' | 'untold' | 'toldTwice'>,
): void {
  const ids = new Map<string, Set<string>>();
  for (const { accepted, webhookId, body } of received) {
    if (!accepted) continue;
    const windowId = (body as { audit: { conversation_id: string } }).audit.conversation_id;
    ids.set(windowId, (ids.get(windowId) ?? new Set()).add(webhookId ?? ''));
  }
  verdict.events = [...ids.values()].reduce((sum, { size }) => sum + size, 0);
  for (const [windowId, times] of archived) {
    if ((ids.get(windowId)?.size ?? 0) < times) verdict.untold.push(windowId);
  }
  for (const [windowId, { size }] of ids) {
    if (size > (archived.get(windowId) ?? 0)) verdict.toldTwice.push(windowId);
  }
}
