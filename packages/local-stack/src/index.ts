export { type Exit, type KeptProcess, type KeptProcessSpec, spawnKept } from './keeper/kept-process.ts';
export { cacheFolder } from './obtain/cache-folder.ts';
export { PartUnavailable } from './obtain/part-unavailable.ts';
export type { Progress } from './obtain/progress.ts';
export {
  type ArchiveVerdict,
  archiveTroubleKinds,
  archiveTroubles,
  chainIntact,
} from './oracle/archive/archive-verdict.ts';
export { type ArchiveOracleParts, compareArchive } from './oracle/archive/compare-archive.ts';
export type { ServedRendition } from './oracle/archive/ledger-conversations.ts';
export { fileTexts, type PlacedText } from './oracle/archive/places.ts';
export { agrees, type Comparison, compareWithLedger, type Names } from './oracle/compare.ts';
export { keysOf, redisValues } from './oracle/redis-values.ts';
export { type Contract, type ServedEvent, servedEvents, storedDigest } from './oracle/served-events.ts';
export { type ElasticsearchOptions, startElasticsearch } from './parts/elasticsearch.ts';
export { elasticsearchAnswers } from './parts/elasticsearch-answers.ts';
export { freePort } from './parts/free-port.ts';
export type { Part, PartOptions, PartSource } from './parts/part.ts';
export { type RedisOptions, redisAnswers, startRedis } from './parts/redis.ts';
export { type S3Access, type S3Options, s3AccessOf, s3Answers, startS3 } from './parts/s3.ts';
