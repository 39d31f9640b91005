import type { ReceivedEvent } from '@trunkline/simulator';
import { expect, test } from 'vitest';
import { judgeEvents } from './completion-verdict.ts';

function event(windowId: string, webhookId: string, accepted = true): ReceivedEvent {
  return { accepted, webhookId, body: { audit: { conversation_id: windowId } } } as unknown as ReceivedEvent;
}

test('each window is told of as often as it was archived, however often that is delivered', () => {
  const received = [
    event('delivered-again', 'a'),
    event('delivered-again', 'a'),
    event('fetched-once-more', 'b'),
    event('fetched-once-more', 'c'),
    event('half-told', 'd'),
    event('refused', 'e', false),
    event('twice', 'f'),
    event('twice', 'g'),
    event('never-archived', 'h'),
  ];
  const archived = new Map([
    ['delivered-again', 1],
    ['fetched-once-more', 2],
    ['half-told', 2],
    ['refused', 1],
    ['twice', 1],
  ]);
  const verdict = { events: 0, untold: [] as string[], toldTwice: [] as string[] };
  judgeEvents(received, archived, verdict);
  expect(verdict).toEqual({
    events: 7,
    untold: ['half-told', 'refused'],
    toldTwice: ['twice', 'never-archived'],
  });
});
