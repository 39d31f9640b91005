export { type Exit, type KeptProcess, type KeptProcessSpec, spawnKept } from './keeper/kept-process.ts';
export { cacheFolder } from './obtain/cache-folder.ts';
export { PartUnavailable } from './obtain/part-unavailable.ts';
export type { Progress } from './obtain/progress.ts';
export { type ElasticsearchOptions, startElasticsearch } from './parts/elasticsearch.ts';
export { elasticsearchAnswers } from './parts/elasticsearch-answers.ts';
export { freePort } from './parts/free-port.ts';
export type { Part, PartOptions, PartSource } from './parts/part.ts';
export { type RedisOptions, redisAnswers, startRedis } from './parts/redis.ts';
