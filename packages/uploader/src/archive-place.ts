import { Bucket, type EncryptionChoice, Manifests } from '@trunkline/archive-store';
import type { Stage } from '@trunkline/claim-check/stage';
import type { Service } from '@trunkline/service';
import { Addendum } from './addendum.ts';
import type { AfterArchive } from './after-archive.ts';
import { BatchStorage } from './batch-storage.ts';
import type { UploaderConfig } from './config.ts';

/** Where the windows of an organisation are archived, and what writes there. */
export interface ArchivePlace {
  bucket: Bucket;
  manifests: Manifests;
  storage: BatchStorage;
  addendum: Addendum;
}

export function archivePlace(
  { s3: place, storing }: UploaderConfig,
  parts: { service: Service; s3: ConstructorParameters<typeof Bucket>[0]; stage: Stage; after: AfterArchive },
): ArchivePlace {
  const bucket = new Bucket(parts.s3, place, encryptionOf(storing));
  const manifests = new Manifests(bucket);
  const storage = new BatchStorage(bucket, parts.stage, storing);
  return {
    bucket,
    manifests,
    storage,
    addendum: new Addendum(parts.service, storage, manifests, parts.after),
  };
}

function encryptionOf({ encryption, kmsKeyId }: UploaderConfig['storing']): EncryptionChoice {
  return encryption === 'AES256' ? { algorithm: encryption } : { algorithm: encryption, keyId: kmsKeyId };
}
