export type { ArchivePage } from './archive/archive-control.ts';
export type { ArchiveSummary, LedgerConversation, LedgerPersonalDatum } from './archive/archive-ledger.ts';
export type {
  ArchiveChange,
  DayVolume,
  DigestForm,
  Layout,
  MediaType,
  OddConversationInput,
  OddConversationKind,
  SavedArchive,
} from './archive/archive-settings.ts';
export type { DeliveredWindow, Download, ServedWindow } from './archive/download-log.ts';
export type { PersonalDatum, PersonalForm, PersonalPlace, PersonalType } from './archive/personal-datum.ts';
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
export { type ArchiveRange, type ArchiveRendition, SimulatorControl } from './control/simulator-control.ts';
export type { CompletionEvent } from './event-bridge/completion-event.ts';
export type { EventBridgeSummary, ReceivedEvent } from './event-bridge/event-bridge.ts';
export type { Fault, FaultInput, FaultKind } from './faults/fault.ts';
export type { FaultPlan, PlannedFault } from './faults/fault-plan.ts';
export type { FaultMatch, FaultRoute } from './faults/fault-route.ts';
export type { Ledger, LedgerEvent, LedgerSummary } from './ledger/ledger.ts';
export type { SimulatorOptionsInput as SimulatorOptions, Tail } from './options.ts';
export type { AuditChange, AuditSettings } from './platform/audits/audit-settings.ts';
export type { AuditShape } from './platform/audits/audit-shape.ts';
export { dayIsFinalAfterMs } from './platform/conversations/outline.ts';
export type { LoggedRequest, RequestCounts, RequestLog } from './request-log.ts';
export { type Simulator, startSimulator } from './simulator.ts';
