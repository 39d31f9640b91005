import type { ArchiveDecision } from './archive/archive-letters.ts';
import type { AuditDecision } from './audit/audit-letter-desk.ts';

/** Whether a decision about a dead letter changed something; else it is not there, was dealt with before, or is under way already. */
export function isActedOn({ result }: Pick<AuditDecision | ArchiveDecision, 'result'>): boolean {
  return result === 'retried' || result === 'queued' || result === 'discarded';
}
