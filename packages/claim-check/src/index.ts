export { Keyring } from './keyring.ts';
export { RedisPayloads } from './redis-payloads.ts';
export { openStage, type StagePlace } from './stage/open-stage.ts';
export { type Stage, stageChunkBytes, stageChunkName, stagePlaces } from './stage/stage.ts';
