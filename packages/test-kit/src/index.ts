// Of the oracle, which looks through Redis too.
export { type Contract, keysOf, redisValues } from '@trunkline/local-stack';
export {
  type ArchiveFaults,
  ArchiveSystem,
  type ArchiveSystemOptions,
  archiveQueues,
  windowIdOf,
} from './archive/archive-system.ts';
export {
  elasticsearchError,
  type ItemReply,
  itemInFailureStore,
  itemRefused,
  itemRejected,
  itemWithoutShard,
  withholdItems,
} from './bulk-faults.ts';
export { Deployment, type DeploymentOptions, type Faults } from './deployment.ts';
export { type Address, FaultProxy, type Hold } from './fault-proxy.ts';
export type { Direction } from './flow-fault.ts';
// Brings the names of what `inject` gives with it.
export type { default as GlobalSetup } from './global-setup.ts';
export {
  HttpFaultProxy,
  type Interception,
  type Interference,
  isBulk,
  type ProxiedReply,
  type ProxiedRequest,
} from './http-fault-proxy.ts';
export { LogFile, type LogLine } from './log-file.ts';
export { type OwnBucket, ownBucket } from './own-bucket.ts';
export { PersonalData } from './personal-data.ts';
export { type Preload, preloaded } from './preload.ts';
export { type BucketEncryption, type BucketOptions, s3Client } from './s3-bucket.ts';
export { askElasticsearch, readSink, type SinkDocument } from './sink-reader.ts';
export { System, type SystemOptions } from './system.ts';
export {
  calmPlatform,
  newSystemNames,
  type SystemAddresses,
  type SystemNames,
  systemEnvironment,
} from './system-settings.ts';
export { startTestParts } from './test-parts.ts';
export { type ProcessKind, type ProcessSpec, TrunklineProcess } from './trunkline-process.ts';
export { type UntilOptions, until } from './until.ts';
export { type DueEvent, judge, type RecordedGap, type Verdict } from './verdict.ts';
