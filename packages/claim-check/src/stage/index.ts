export { openStage, type StagePlace } from './open-stage.ts';
export { release, releasedBehind } from './release.ts';
export { type Stage, stageChunkBytes, stageChunkName, stagePlaces } from './stage.ts';
export {
  type DeadLetterPlace,
  StageSweeper,
  type StageSweeperParts,
  type SweepReport,
} from './stage-sweeper.ts';
export type { WindowState } from './sweep-decision.ts';
