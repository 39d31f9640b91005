import type { VerifyRequest } from '@trunkline/archive-store';
import { TrunklineError } from '@trunkline/contracts';
import { ComplianceRecords, Elasticsearch } from '@trunkline/elasticsearch-sink';
import { loadSettings } from '@trunkline/service';
import { checkElasticsearch, witnessSettings } from '../config.ts';
import type { CommandIo } from '../frame/io.ts';
import type { Progress } from '../terminal/progress.ts';

/** What the copy of the chain in Elasticsearch tells; `absent`: it could not be asked, so nothing is proven by it. */
export type Witness = { kind: 'asked'; last: VerifyRequest['witness'] } | { kind: 'absent' };

/**
 * Asks the copy of the compliance chain how far the chain once went. An Elasticsearch that is away does not keep the bucket from
 * being verified: that is told, and the verification counts as incomplete.
 * @throws TrunklineError CONFIG_INVALID
 */
export async function askWitness(io: CommandIo, index: string, progress: Progress): Promise<Witness> {
  const { elasticsearch: settings } = loadSettings(witnessSettings, io.env, checkElasticsearch);
  await using elasticsearch = new Elasticsearch(settings);
  const records = new ComplianceRecords(elasticsearch, { index, replicas: settings.replicas });
  try {
    const { last } = await records.last();
    return { kind: 'asked', last };
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    progress.note(`The copy of the compliance chain could not be asked: ${error.message}`);
    return { kind: 'absent' };
  }
}
