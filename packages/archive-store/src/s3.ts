import { S3Client } from '@aws-sdk/client-s3';

/** The settings of `s3Settings` (service) that reaching a bucket needs. */
export interface S3Settings {
  readonly region: string;
  /** Base URL of another S3 service; `null`: AWS. */
  readonly endpoint: string | null;
  /** `null`: where an endpoint is set. */
  readonly forcePathStyle: boolean | null;
}

/** A key of an account, where it is not to be found by the AWS SDK's own chain. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * A client for S3. Credentials come by the AWS SDK's own chain unless they are given. Whoever opens it destroys it.
 *
 * A request is repeated once at most, for a kept connection that the other side had just closed: whether more is worth while is
 * decided by gates and attempts. Nothing that is sent here is less safe when sent twice: writes carry a condition.
 * The SDK adds checksums of its own only where S3 requires one, since every object here has its SHA-256 already, and since
 * services beside AWS trip over trailing ones.
 */
export function openS3(settings: S3Settings, credentials?: S3Credentials): S3Client {
  return new S3Client({
    ...(credentials === undefined ? {} : { credentials }),
    region: settings.region,
    ...(settings.endpoint === null ? {} : { endpoint: settings.endpoint }),
    forcePathStyle: settings.forcePathStyle ?? settings.endpoint !== null,
    maxAttempts: 2,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // Limits on silence; those on whole requests are set where it is known how large an answer may be.
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
  });
}
