import { TrunklineError } from '@trunkline/contracts';

/** A stream that has stood still for longer than Genesys keeps audit events. */
export function outOfReach(historyReachMs: number): TrunklineError {
  const days = Math.round(historyReachMs / 86_400_000);
  return new TrunklineError('GENESYS_CURSOR_EXPIRED', {
    message: `The stream stands further back than the ${days} days of audit events that Genesys keeps for sure.`,
    remedy: 'It begins anew; the gap record tells what may not have been read.',
  });
}
