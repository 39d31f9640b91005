import { TrunklineError } from '@trunkline/contracts';

/** HTTP status of an answer that the SDK threw; `null` where none came. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return null;
  return (error.$metadata as { httpStatusCode?: number }).httpStatusCode ?? null;
}

const credentials =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|CredentialsProviderError)$/;

/**
 * Turns what the SDK throws for the stage's bucket into our errors.
 * Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function s3StageError(cause: unknown, bucket: string): TrunklineError {
  if (cause instanceof TrunklineError) return cause;
  const status = statusOf(cause);
  const name = cause instanceof Error ? cause.name : 'unknown error';
  if (credentials.test(name)) {
    return new TrunklineError('S3_CREDENTIALS_REJECTED', {
      message: `S3 does not take the credentials for the stage's bucket ${bucket} (${name}).`,
      remedy: 'Renew the AWS credentials of this process.',
      cause,
    });
  }
  if (name === 'NoSuchBucket') {
    return new TrunklineError('S3_BUCKET_MISSING', {
      message: `The stage's bucket ${bucket} does not exist.`,
      remedy: 'Create it, or mend STAGE_URL.',
      cause,
    });
  }
  if (status === 403 || name === 'AccessDenied') {
    return new TrunklineError('S3_PERMISSION_MISSING', {
      message: `S3 refused an access to the stage's bucket ${bucket} (${name}).`,
      remedy: 'Grant s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket below STAGE_URL.',
      cause,
    });
  }
  if (status === 429 || name === 'SlowDown') {
    return new TrunklineError('S3_OVERLOADED', {
      message: `S3 asks for fewer requests to the stage's bucket ${bucket} (${name}).`,
      remedy: 'Work goes on by itself.',
      cause,
    });
  }
  if (status !== null && status >= 400 && status < 500 && status !== 408 && status !== 409) {
    return new TrunklineError('S3_REQUEST_REFUSED', {
      message: `S3 refused a request to the stage's bucket ${bucket} (${status} ${name}).`,
      remedy: 'See what the service at S3_ENDPOINT says of it.',
      cause,
    });
  }
  return new TrunklineError('STAGE_UNREACHABLE', {
    message: `The stage's bucket ${bucket} did not answer${status === null ? '' : ` (${status})`} (${name}).`,
    remedy: 'Work goes on by itself.',
    cause,
  });
}
