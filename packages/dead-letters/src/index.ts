export { isActedOn } from './acted-on.ts';
export {
  type ArchiveDecision,
  type ArchiveFilter,
  type ArchiveLetter,
  ArchiveLetters,
  type ArchiveSelection,
} from './archive/archive-letters.ts';
export {
  type AuditDecision,
  AuditLetterDesk,
  closedText,
  type ShownLetter,
} from './audit/audit-letter-desk.ts';
export { blindSealer } from './audit/blind-sealer.ts';
export type { FieldShape } from './audit/event-shape.ts';
export type { Selection } from './audit/selection.ts';
export { type Requeued, Worklist } from './audit/worklist.ts';
