import { type Part, startElasticsearch, startRedis, startS3 } from '@trunkline/local-stack';

type Tell = (line: string) => void;

/**
 * Starts the Redis and the Elasticsearch that tests run on: data in temporary folders, any free port, room for thousands of
 * indices.
 * @param tell gets one line for each step
 * @param inMemory where little is written, the Elasticsearch's data may stand in memory
 * @throws PartUnavailable when this machine cannot have one of them
 */
export async function startTestParts(
  tell: Tell,
  inMemory = false,
): Promise<{ redis: Part; elasticsearch: Part }> {
  const redis = await startRedis({ onProgress: teller('Redis', tell) });
  try {
    const elasticsearch = await startElasticsearch({
      heapMegabytes: 768,
      shortLived: true,
      inMemory,
      settings: { 'cluster.max_shards_per_node': '5000' },
      onProgress: teller('Elasticsearch', tell),
    });
    return { redis, elasticsearch };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

/** The S3 of tests: its data in a temporary folder too. */
export function startTestS3(tell: Tell): Promise<Part> {
  return startS3({ onProgress: teller('S3', tell) });
}

/** All of them at once: the S3 is there before the Elasticsearch. */
export async function startAllTestParts(tell: Tell): Promise<{ redis: Part; elasticsearch: Part; s3: Part }> {
  const [pair, s3] = await Promise.allSettled([startTestParts(tell, true), startTestS3(tell)]);
  if (pair.status === 'fulfilled' && s3.status === 'fulfilled') return { ...pair.value, s3: s3.value };
  const started = [
    ...(pair.status === 'fulfilled' ? Object.values(pair.value) : []),
    ...(s3.status === 'fulfilled' ? [s3.value] : []),
  ];
  await Promise.all(started.map((part) => part.stop()));
  throw [pair, s3].find((one) => one.status === 'rejected')?.reason;
}

function teller(name: string, tell: Tell): (step: string) => void {
  let last = '';
  return (step) => {
    if (step !== last) tell(`${name}: ${step}`);
    last = step;
  };
}
