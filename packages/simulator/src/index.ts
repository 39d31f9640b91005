export type { OddEvent, OddEventInput, OddKind } from './audit/odd-event.ts';
export type { AuditStream, StreamEvent } from './audit/stream.ts';
export type { ClockAnchor, SimulatorClock } from './clock.ts';
export type {
  ClockChange,
  SimulatorState,
  SimulatorSummary,
  StreamChange,
  StreamChanged,
} from './control/control-types.ts';
export { SimulatorControl } from './control/simulator-control.ts';
export type { Fault, FaultInput, FaultKind, FaultRoute } from './faults/fault.ts';
export type { FaultPlan, PlannedFault } from './faults/fault-plan.ts';
export type { Ledger, LedgerEvent, LedgerSummary } from './ledger/ledger.ts';
export type { SimulatorOptionsInput as SimulatorOptions, Tail } from './options.ts';
export type { LoggedRequest, RequestCounts, RequestLog } from './request-log.ts';
export { type Simulator, startSimulator } from './simulator.ts';
