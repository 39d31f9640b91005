import { openS3 } from '@trunkline/archive-store';
import { Keyring } from '@trunkline/claim-check';
import { openStage, type Stage } from '@trunkline/claim-check/stage';
import {
  ARCHIVE_COMPLIANCE,
  ARCHIVE_DEAD_LETTER,
  AUDIT_DEAD_LETTER,
  type QueueName,
  TrunklineError,
} from '@trunkline/contracts';
import { ArchiveLetters, AuditLetterDesk, Worklist } from '@trunkline/dead-letters';
import { Elasticsearch } from '@trunkline/elasticsearch-sink';
import type { Queue } from 'bullmq';
import type { DashboardConfig } from '../config.ts';

/** A person waits for the page: no request of it may take longer (ms). */
const longestMs = 10_000;

/** Where dead letters are looked at and decided about; what a deployment has not told of is `null`. */
export class DeadLetterPlaces implements AsyncDisposable {
  readonly audit: { readonly desk: AuditLetterDesk; readonly worklist: Worklist } | null;
  readonly archive: ArchiveLetters;
  readonly stage: Stage | null;
  readonly compliance: Queue;
  /** Of a compliance record's job. */
  readonly attempts: number;
  readonly #elasticsearch: Elasticsearch | null;
  readonly #s3: { destroy(): void } | null;

  constructor(config: DashboardConfig, queue: (name: QueueName) => Queue) {
    const { elasticsearch, payload, stage, stageBucket, worker } = config;
    const known = elasticsearch.urls !== null || elasticsearch.cloudId !== null;
    const timeoutMs = Math.min(elasticsearch.timeoutMs, longestMs);
    this.#elasticsearch = known ? new Elasticsearch({ ...elasticsearch, timeoutMs }) : null;
    const sealer = payload.payloadKeys === null ? null : new Keyring(payload.payloadKeys);
    this.audit =
      this.#elasticsearch === null
        ? null
        : {
            desk: new AuditLetterDesk(this.#elasticsearch, elasticsearch, sealer),
            worklist: new Worklist(queue(AUDIT_DEAD_LETTER)),
          };
    this.archive = new ArchiveLetters(queue(ARCHIVE_DEAD_LETTER));
    const { region, ...bucket } = stageBucket;
    const s3 = stage.url?.startsWith('s3:') && region !== null ? openS3({ ...bucket, region }) : null;
    this.#s3 = s3;
    this.stage =
      stage.url === null
        ? null
        : openStage({ url: stage.url, kmsKeyArn: stage.kmsKeyArn }, payload.payloadKeys ?? [], s3);
    this.compliance = queue(ARCHIVE_COMPLIANCE);
    this.attempts = worker.attempts;
  }

  /** Open dead letters of audit events by code, as their index tells; `null`: this deployment has not told where it is. */
  get auditCounts(): (() => Promise<Record<string, number>>) | null {
    const { audit } = this;
    return audit === null ? null : () => audit.desk.letters.countsByCode('open');
  }

  /** @throws TrunklineError CONFIG_INVALID where the dead-letter index is not told of */
  requireAudit(): NonNullable<DeadLetterPlaces['audit']> {
    if (this.audit !== null) return this.audit;
    throw new TrunklineError('CONFIG_INVALID', {
      message:
        'Dead letters of audit events stand in Elasticsearch, and this dashboard is not told where that is.',
      remedy: 'Set ELASTICSEARCH_URL for it; until then their entries stand on the queue audit-dead-letter.',
    });
  }

  /** @throws TrunklineError CONFIG_INVALID where the stage is not told of */
  requireStage(): Stage {
    if (this.stage !== null) return this.stage;
    throw new TrunklineError('CONFIG_INVALID', {
      message: 'Conversations lie sealed in the stage, and this dashboard is not told where it is.',
      remedy: 'Set STAGE_URL and PAYLOAD_KEY for it.',
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#s3?.destroy();
    await this.#elasticsearch?.[Symbol.asyncDispose]();
  }
}
