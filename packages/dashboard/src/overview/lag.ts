import type { StreamSnapshot } from '@trunkline/stream-state';

/** How far indexing is behind receiving, in ms of event time; `null` where no page told its time yet. */
export function lagMs({ received, indexed }: NonNullable<StreamSnapshot['state']>): number | null {
  if (received.seq === indexed.seq) return 0;
  if (received.at === null || indexed.at === null) return null;
  return Math.max(0, received.at - indexed.at);
}
