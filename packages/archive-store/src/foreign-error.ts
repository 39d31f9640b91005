import { S3ServiceException } from '@aws-sdk/client-s3';
import { TrunklineError } from '@trunkline/contracts';

/** What was asked of S3, for errors. */
export interface Asked {
  /** The IAM action it takes, e.g. `s3:PutObject`. */
  action: string;
  bucket: string;
  /** `null`: the bucket itself. */
  key: string | null;
}

const credentialCodes = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
  'NotSignedUp',
  'AccountProblem',
  'CredentialsProviderError',
  'TokenProviderError',
  'UnrecognizedClientException',
]);
const overloadCodes = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'InternalError',
  'TooManyRequests',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'OperationAborted',
]);
const elsewhereCodes = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);
const alteredCodes = new Set(['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody']);
/** Names and codes of a connection that failed, as Node and the SDK give them. */
const networkCode =
  /^(E(CONN|HOST|NET|PIPE|AI_|NOTFOUND|TIMEDOUT|ADDR|PROTO)|ERR_(SSL|TLS|STREAM|SOCKET|HTTP)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|TimeoutError$|RequestTimeout|NetworkingError$|AbortError$)/;

/** HTTP status of an answer of S3; `null` where the error is no answer. */
export function statusOf(error: unknown): number | null {
  return error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null;
}

/** S3's name for an error, e.g. `NoSuchKey`. */
export function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/**
 * The one place where errors of S3 become ours. What is neither S3's answer nor a failed connection comes back as it is.
 * The texts of S3 quote keys, account ids and key ids; only the names of errors and of missing actions are passed on.
 */
export function errorOfS3(error: unknown, asked: Asked): unknown {
  if (error instanceof TrunklineError || !(error instanceof Error)) return error;
  const status = statusOf(error);
  const code = codeOf(error);
  const place = asked.key === null ? `the bucket ${asked.bucket}` : `${asked.key} in ${asked.bucket}`;
  const said = `S3 answered ${status ?? 'nothing'} (${code}) to ${asked.action} for ${place}.`;
  const told = (
    errorCode: ConstructorParameters<typeof TrunklineError>[0],
    remedy: string,
    message = said,
  ): TrunklineError => new TrunklineError(errorCode, { message, remedy, cause: error });

  if (credentialCodes.has(code)) {
    return told(
      'S3_CREDENTIALS_REJECTED',
      'Renew the AWS credentials of this process; work goes on by itself.',
    );
  }
  if (code === 'RequestTimeTooSkewed') {
    return told('S3_CREDENTIALS_REJECTED', "Set this machine's clock; work goes on by itself.");
  }
  if (code === 'NoSuchBucket' || (status === 404 && asked.key === null)) {
    return told('S3_BUCKET_MISSING', 'Check S3_BUCKET, or create the bucket; work goes on by itself.');
  }
  if (status === 301 || status === 307 || elsewhereCodes.has(code)) {
    return told('S3_BUCKET_MISSING', 'The bucket lies in another region: check AWS_REGION and S3_BUCKET.');
  }
  if (code.startsWith('KMS.')) {
    return told('S3_PERMISSION_MISSING', 'S3 cannot use the KMS key: check that it exists and is enabled.');
  }
  if (alteredCodes.has(code)) {
    return told('S3_CHECKSUM_MISMATCH', 'The bytes were altered or cut on their way; they are sent again.');
  }
  if (overloadCodes.has(code) || status === 429 || (status !== null && status >= 500)) {
    return told('S3_OVERLOADED', 'It is tried again by itself.');
  }
  if (code === 'InvalidObjectState') {
    return told(
      'S3_REQUEST_REFUSED',
      'It lies in a Glacier class: restore it first (RestoreObject), then try again.',
    );
  }
  if (status === 403 || code === 'AccessDenied') {
    const action =
      /not authorized to perform: ([a-z0-9]+:[A-Za-z]+)/.exec(error.message)?.[1] ?? asked.action;
    return told(
      'S3_PERMISSION_MISSING',
      `Grant ${action} to this process${asked.action === 's3:GetObject' ? ' (and s3:ListBucket, without which S3 calls a missing object forbidden)' : ''}; work goes on by itself.`,
    );
  }
  if (code === 'RequestTimeout') {
    return told('S3_UNREACHABLE', 'It is tried again by itself; check the network.');
  }
  if (status !== null && status >= 400) {
    return told('S3_REQUEST_REFUSED', 'Look at the settings of the bucket and of what stands before it.');
  }
  const systemCode = 'code' in error && typeof error.code === 'string' ? error.code : code;
  if (networkCode.test(systemCode) || networkCode.test(code) || '$response' in error || status !== null) {
    return told(
      'S3_UNREACHABLE',
      'Nothing is lost: it is tried again. Check S3_ENDPOINT, the network and the service.',
      `No whole answer of S3 (${systemCode}) to ${asked.action} for ${place}.`,
    );
  }
  return error;
}
