import { type Part, startElasticsearch, startRedis } from '@trunkline/local-stack';

/**
 * Starts the pair that tests run on: data in temporary folders, any free port, room for thousands of indices.
 * @param tell gets one line for each step
 * @throws PartUnavailable when this machine cannot have one of them
 */
export async function startTestParts(
  tell: (line: string) => void,
): Promise<{ redis: Part; elasticsearch: Part }> {
  const teller = (name: string) => {
    let last = '';
    return (step: string): void => {
      if (step !== last) tell(`${name}: ${step}`);
      last = step;
    };
  };
  const redis = await startRedis({ onProgress: teller('Redis') });
  try {
    const elasticsearch = await startElasticsearch({
      heapMegabytes: 768,
      settings: { 'cluster.max_shards_per_node': '5000' },
      onProgress: teller('Elasticsearch'),
    });
    return { redis, elasticsearch };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}
