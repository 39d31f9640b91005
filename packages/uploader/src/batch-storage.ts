import { type Bucket, compress, contentTypeOf, type ManifestObject, putOnce } from '@trunkline/archive-store';
import { releasedBehind, type Stage } from '@trunkline/claim-check/stage';
import type { ArchiveRedactOutcome, StoredObject } from '@trunkline/contracts';
import type { UploaderConfig } from './config.ts';

/** One redacted batch of a window. */
export interface RedactedBatch {
  windowId: string;
  batch: string;
  /** Of the batch as it came from Genesys. */
  sourceSha256: string;
  redaction: ArchiveRedactOutcome;
  storageClass: string;
}

/** Puts redacted batches into the bucket. */
export class BatchStorage {
  readonly bucket: Bucket;
  readonly stage: Stage;
  readonly #settings: Pick<UploaderConfig['storing'], 'format'>;

  constructor(bucket: Bucket, stage: Stage, settings: Pick<UploaderConfig['storing'], 'format'>) {
    this.bucket = bucket;
    this.stage = stage;
    this.#settings = settings;
  }

  get format(): UploaderConfig['storing']['format'] {
    return this.#settings.format;
  }

  /** @throws TrunklineError with an S3_ or STAGE_ code */
  async store(
    { windowId, batch, sourceSha256, redaction, storageClass }: RedactedBatch,
    signal: AbortSignal,
  ): Promise<StoredObject> {
    const { format } = this.#settings;
    const chunks = (): AsyncIterable<Buffer> => {
      const read = this.stage.read(redaction.redacted, signal);
      return format === 'plain' ? read : releasedBehind(read);
    };
    return putOnce(
      this.bucket,
      {
        keyOf: (generation) => this.bucket.keys.batch(windowId, batch, sourceSha256, generation, format),
        content: () => compress(format, chunks()),
        contentType: contentTypeOf(format),
        storageClass,
      },
      signal,
    );
  }
}

/** How the manifest names a batch that was stored. */
export function manifestObjectOf(
  stored: StoredObject,
  { batch, sourceSha256, redaction }: Pick<RedactedBatch, 'batch' | 'sourceSha256' | 'redaction'>,
): ManifestObject {
  return {
    ...stored,
    batch,
    conversations: redaction.conversations,
    deadLettered: redaction.deadLettered,
    missingTexts: redaction.missingTexts,
    entities: redaction.entities,
    sourceSha256,
    redactedBytes: redaction.redacted.bytes,
    engineVersion: redaction.engineVersion,
    keyId: redaction.keyId,
  };
}
