export { Bucket, type BucketPlace, type EncryptionChoice, type ObjectFacts } from './bucket.ts';
export { type ArchiveFormat, ArchiveKeys, dayOf } from './keys.ts';
export {
  type Manifest,
  type ManifestObject,
  Manifests,
  manifestSchema,
  type StoredManifest,
} from './manifest.ts';
export { openS3, type S3Settings } from './s3.ts';
export { PlanWatermark, type Watermark } from './watermark.ts';
