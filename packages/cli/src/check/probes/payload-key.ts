import { Keyring } from '@trunkline/claim-check';
import { DeadLetters, Elasticsearch } from '@trunkline/elasticsearch-sink';
import type { elasticsearchSettings, Values } from '@trunkline/service';
import { ok, type Probe } from '../probe.ts';

/** The oldest are those that a key was most likely dropped before. */
const opened = 5;

/** Whether PAYLOAD_KEY opens what waits for a person. */
export function payloadKeyProbe(
  settings: Values<typeof elasticsearchSettings>,
  payloadKeys: readonly Buffer[],
  stack: AsyncDisposableStack,
): Probe {
  return {
    name: 'payload key',
    needs: ['elasticsearch'],
    attempt: async (signal) => {
      const es = stack.use(new Elasticsearch(settings));
      const letters = new DeadLetters(es, settings, new Keyring(payloadKeys));
      const oldest = await letters.list({ status: 'open' }, null, opened, signal);
      for (const { id } of oldest.letters) await letters.get(id, signal);
      return ok(
        oldest.letters.length === 0
          ? 'no dead letter is there to try it on'
          : `opens the ${oldest.letters.length === 1 ? 'oldest dead letter' : `${oldest.letters.length} oldest dead letters`}`,
      );
    },
  };
}
