import type { BucketGate } from '@trunkline/archive-store';
import { errorCodeOf } from '@trunkline/contracts';
import { HeldBack } from '@trunkline/service';

/** How long a job is left alone while the stage cannot be reached (ms). */
const stageDelayMs = 10_000;

/**
 * Runs work that writes to the bucket. Where it fails for a reason that is not its own (the bucket, its permissions, the stage's
 * disk), the gate learns of it and the job is held back: no attempt is burned.
 * @throws HeldBack; whatever else the work throws
 */
export async function gated<T>(gate: BucketGate, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    gate.succeeded();
    return result;
  } catch (error) {
    if (gate.failed(error)) throw new HeldBack('the bucket cannot be written to', null, error);
    const code = errorCodeOf(error);
    if (code === 'STAGE_UNREACHABLE' || code === 'STAGE_FULL') {
      throw new HeldBack('the stage cannot be reached', stageDelayMs, error);
    }
    throw error;
  }
}
