export { Keyring } from './keyring.ts';
export { RedisPayloads } from './redis-payloads.ts';
export { openStage, type StagePlace } from './stage/open-stage.ts';
export { type Stage, stageChunkBytes, stageChunkName, stagePlaces } from './stage/stage.ts';
export {
  type DeadLetterPlace,
  StageSweeper,
  type StageSweeperParts,
  type SweepReport,
} from './stage/stage-sweeper.ts';
export type { WindowState } from './stage/sweep-decision.ts';
