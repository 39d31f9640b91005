import { type InFlightBatch, payloadKeyOf } from '@trunkline/stream-state';

interface Hands {
  holds(jobId: string, payloadKey: string): Promise<boolean>;
}

/**
 * The first accepted batch that nobody has: not done, and its job or its payload is gone (rule 7). `null`: all are in safe
 * hands.
 * @param hands where a batch may be: the queue, the own spool
 */
export async function firstMissing(
  inFlight: readonly InFlightBatch[],
  hands: Hands,
  pipelinePrefix: string,
): Promise<InFlightBatch | null> {
  // A chunk at a time: thousands of batches may be in flight, and the first missing one is enough.
  for (let from = 0; from < inFlight.length; from += CHUNK) {
    const chunk = inFlight.slice(from, from + CHUNK).filter((batch) => !batch.done);
    const held = await Promise.all(
      chunk.map((batch) => hands.holds(batch.jobId, payloadKeyOf(pipelinePrefix, batch.jobId))),
    );
    const place = held.indexOf(false);
    if (place !== -1) return chunk[place] ?? null;
  }
  return null;
}

const CHUNK = 100;
