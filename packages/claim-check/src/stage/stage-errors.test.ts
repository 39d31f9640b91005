import { expect, it } from 'vitest';
import { fileStageError } from './file-stage-error.ts';
import { s3StageError } from './s3-stage-error.ts';

it.each([
  ['ENOSPC', 'STAGE_FULL'],
  ['EDQUOT', 'STAGE_FULL'],
  ['EACCES', 'STAGE_UNREACHABLE'],
  ['EIO', 'STAGE_UNREACHABLE'],
])('a disk that answers %s is told as %s', (code, told) => {
  expect(fileStageError(Object.assign(new Error('of the disk'), { code }))).toMatchObject({ code: told });
});

it('an error that is not the file system’s stays as it is', () => {
  const error = new TypeError('a fault of ours');
  expect(fileStageError(error)).toBe(error);
});

it.each([
  ['SlowDown', 503, 'S3_OVERLOADED'],
  ['TooManyRequests', 429, 'S3_OVERLOADED'],
  ['InternalError', 500, 'STAGE_UNREACHABLE'],
  ['TimeoutError', undefined, 'STAGE_UNREACHABLE'],
  ['AccessDenied', 403, 'S3_PERMISSION_MISSING'],
  ['ExpiredToken', 400, 'S3_CREDENTIALS_REJECTED'],
  ['CredentialsProviderError', undefined, 'S3_CREDENTIALS_REJECTED'],
  ['NoSuchBucket', 404, 'S3_BUCKET_MISSING'],
  ['MalformedXML', 400, 'S3_REQUEST_REFUSED'],
])('a bucket that answers %s (%s) is told as %s', (name, httpStatusCode, told) => {
  const answer = Object.assign(new Error('of S3'), { name, $metadata: { httpStatusCode } });
  expect(s3StageError(answer, 'b')).toMatchObject({ code: told });
});
