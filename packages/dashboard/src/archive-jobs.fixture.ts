/** A job of each queue of the archive, as our processes write them. */
import {
  type ArchiveComplianceJob,
  type ArchiveDeadLetterJob,
  type ArchiveFetchJob,
  type ArchiveNotifyJob,
  type ArchivePlanJob,
  type ArchiveRedactJob,
  type ArchiveUploadJob,
  type ArchiveWindowJob,
  archiveWindowAt,
} from '@trunkline/contracts';

export const archiveWindow = archiveWindowAt(Date.parse('2026-11-21T00:00:00Z'), 86_400_000, [
  'voice',
  'chat',
]);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const stored = 'windows/BATCH_20261121';
const ofWindow = { v: 1, window: archiveWindow, traceId } as const;
const ofBatch = { ...ofWindow, flow: '0a1b2c3d4e5f', batch: 'b00001' };
const source = { name: `${stored}/7f3a/batches/b00001`, chunks: 2, bytes: 9_104_220, sha256: 'a'.repeat(64) };

export const archiveJobs = {
  'archive-plan': { v: 1, range: null } satisfies ArchivePlanJob,
  'archive-fetch': {
    ...ofWindow,
    pageSize: 100,
    storageClass: 'STANDARD_IA',
    plannedAt: '2026-11-22T01:00:00.000Z',
    requestedBy: null,
  } satisfies ArchiveFetchJob,
  'archive-redact': {
    ...ofBatch,
    source,
    conversations: 500,
    storageClass: 'STANDARD_IA',
  } satisfies ArchiveRedactJob,
  'archive-upload': {
    ...ofBatch,
    source,
    storageClass: 'STANDARD_IA',
    redaction: {
      conversations: 499,
      deadLettered: 1,
      missingTexts: 2,
      entities: { PHONE: 812, EMAIL: 77, SSN: 3 },
      redacted: { ...source, name: `${stored}/0a1b2c3d4e5f/redacted/b00001/91c4/data` },
      index: { ...source, name: `${stored}/0a1b2c3d4e5f/redacted/b00001/91c4/index` },
      engineVersion: '1.0.0',
      keyId: null,
    },
  } satisfies ArchiveUploadJob,
  'archive-window': {
    ...ofWindow,
    flow: '0a1b2c3d4e5f',
    source: { pages: 3, bytes: 27_312_660, sha256: 'b'.repeat(64), integrity: 'verified' },
    batches: 3,
    conversations: 1_204,
    storageClass: 'STANDARD_IA',
    plannedAt: '2026-11-22T01:00:00.000Z',
    startedAt: '2026-11-22T01:00:01.214Z',
    release: { by: null, reason: 'ticket-4711', at: '2026-11-22T01:00:00.000Z' },
  } satisfies ArchiveWindowJob,
  'archive-compliance': {
    v: 1,
    recordId: 'BATCH_20261121-SUCCESS',
    timestamp: '2026-11-22T01:04:00.000Z',
    action: 'ARCHIVE_OFFLOAD',
    conversationId: 'BATCH_20261121',
    status: 'SUCCESS',
    checksum: 'b'.repeat(64),
    errorCode: null,
    details: { batches: 3 },
    traceId,
  } satisfies ArchiveComplianceJob,
  'archive-notify': {
    v: 1,
    webhookId: 'msg_BATCH_20261121-0a1b2c3d4e5f',
    windowId: 'BATCH_20261121',
    occurredAt: '2026-11-22T01:04:00.000Z',
    metrics: {
      bytes_transferred: 4_102_000,
      duration_seconds: 31.2,
      throughput_mbps: 0.13,
      estimated_cost_usd: 0.00005,
    },
    audit: {
      timestamp: '2026-11-22T01:04:00.000Z',
      action: 'ARCHIVE_OFFLOAD',
      conversation_id: 'BATCH_20261121',
      status: 'SUCCESS',
      checksum: 'b'.repeat(64),
    },
    traceId,
  } satisfies ArchiveNotifyJob,
  'archive-dead-letter': {
    ...ofBatch,
    index: 17,
    source: { ...source, name: 'dead/BATCH_20261121/0a1b2c3d4e5f/b00001-17' },
    code: 'ARCHIVE_CONVERSATION_MALFORMED',
    deadLetteredAt: '2026-11-22T01:02:00.000Z',
    storageClass: 'STANDARD_IA',
  } satisfies ArchiveDeadLetterJob,
} as const;
