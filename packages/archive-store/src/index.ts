export { ArchiveReader, type DayRange, type Place } from './archive-reader.ts';
export { Bucket, type BucketPlace, type EncryptionChoice, type ObjectFacts } from './bucket.ts';
export { BucketGate, type BucketGateState, type ShutReason } from './bucket-gate.ts';
export { bucketSettings } from './bucket-settings.ts';
export { reachBucket, tryObject } from './bucket-trial.ts';
export { type ChainPlace, ComplianceChain } from './compliance-chain.ts';
export { type ComplianceEntry, complianceKey } from './compliance-entry.ts';
export { compress, contentTypeOf } from './compression.ts';
export { type ErasureOutcome, type ErasureRequest, eraseConversations, manifestDetails } from './erasure.ts';
export type { Finding } from './finding.ts';
export { guideArray, lineOfMember } from './guide-array.ts';
export { type IndexEntry, readIndex, writeIndex } from './index-object.ts';
export { type ArchiveFormat, ArchiveKeys, dayOf, formOf } from './keys.ts';
export { linesOf } from './lines.ts';
export {
  type Manifest,
  type ManifestObject,
  Manifests,
  manifestSchema,
  namedKeys,
  type StoredManifest,
} from './manifest.ts';
export { type NamedObject, verifiedConversations } from './object-reading.ts';
export { type PutLimits, putOnce, usualPutLimits } from './put-once.ts';
export { removeUnneeded } from './removal.ts';
export { openS3, type S3Credentials, type S3Settings } from './s3.ts';
export { type VerifyReport, type VerifyRequest, verifyArchive } from './verification.ts';
export { PlanWatermark, type Watermark } from './watermark.ts';
export { WindowReleases } from './window-releases.ts';
