export { batchJobId, linesFingerprint, pageFingerprint, payloadKeyOf } from './job-id.ts';
export { LuaScript } from './lua-script.ts';
export {
  type InFlightBatch,
  type Position,
  readInFlight,
  readStream,
  type StreamSnapshot,
} from './snapshot.ts';
export { type StreamKeys, streamKeys } from './stream-keys.ts';
export {
  type AcceptResult,
  type InitResult,
  type RewindResult,
  type SettleResult,
  StreamState,
} from './stream-state.ts';
