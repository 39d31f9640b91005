/**
 * An object above the limit of a single request, part by part.
 *
 * By hand, not with lib-storage: each part states its SHA-256 and is compared, each request takes the signal, and one part is held
 * at a time. S3 has no whole-object SHA-256 of such an object: it states the digest of the parts' digests, which is computed here
 * too; the whole object's own digest stands in the manifest.
 */
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TrunklineError } from '@trunkline/contracts';
import { type Bucket, type PutAnswer, type PutRequest, refusalOf } from './bucket.ts';
import type { Content } from './measured-content.ts';

/** S3 takes 10,000 parts at most, of 5 MiB at least (but for the last). */
const maxParts = 10_000;
const requestMs = 60_000;
const leastBytesPerMs = 100;

/**
 * @param request with the size and digest of the whole
 * @param partBytes least size of a part
 * @throws TrunklineError with an S3_ code; the parts that were sent are then gone, as far as S3 can be reached
 */
export async function putMultipart(
  bucket: Bucket,
  request: Omit<PutRequest, 'body'>,
  content: Content,
  partBytes: number,
  signal?: AbortSignal,
): Promise<PutAnswer> {
  const { key } = request;
  const uploadId = await create(bucket, request, signal);
  try {
    const size = Math.max(partBytes, Math.ceil(request.bytes / maxParts));
    const parts: CompletedPart[] = [];
    const digests: Buffer[] = [];
    const whole = createHash('sha256');
    for await (const part of inParts(content(), size)) {
      whole.update(part);
      const digest = createHash('sha256').update(part).digest();
      digests.push(digest);
      parts.push(await sendPart(bucket, key, uploadId, parts.length + 1, part, digest, signal));
    }
    if (whole.digest('base64') !== request.checksumSha256) throw contentChanged(key);
    const composite = `${createHash('sha256').update(Buffer.concat(digests)).digest('base64')}-${digests.length}`;
    const answer = await complete(bucket, request, uploadId, parts, composite, signal);
    if (answer.kind !== 'stored') await abort(bucket, key, uploadId);
    return answer;
  } catch (error) {
    await abort(bucket, key, uploadId).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

async function create(
  bucket: Bucket,
  request: Omit<PutRequest, 'body'>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const answer = await bucket.ask('s3:PutObject', request.key, signal, requestMs, (abortSignal) =>
    bucket.client.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket.name,
        Key: request.key,
        ContentType: request.contentType,
        ChecksumAlgorithm: 'SHA256',
        ...bucket.encryptionInput,
        ...(request.contentEncoding === undefined ? {} : { ContentEncoding: request.contentEncoding }),
        ...(request.storageClass === undefined
          ? {}
          : {
              StorageClass: request.storageClass as NonNullable<
                CreateMultipartUploadCommandInput['StorageClass']
              >,
            }),
        ...(request.metadata === undefined ? {} : { Metadata: request.metadata }),
      }),
      { abortSignal },
    ),
  );
  return answer.UploadId ?? '';
}

async function sendPart(
  bucket: Bucket,
  key: string,
  uploadId: string,
  number: number,
  part: Buffer,
  digest: Buffer,
  signal: AbortSignal | undefined,
): Promise<CompletedPart> {
  const ChecksumSHA256 = digest.toString('base64');
  const limitMs = requestMs + part.length / leastBytesPerMs;
  const answer = await bucket.ask('s3:PutObject', key, signal, limitMs, (abortSignal) =>
    bucket.client.send(
      new UploadPartCommand({
        Bucket: bucket.name,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        Body: part,
        ContentLength: part.length,
        ChecksumAlgorithm: 'SHA256',
        ChecksumSHA256,
      }),
      { abortSignal },
    ),
  );
  if (answer.ChecksumSHA256 !== undefined && answer.ChecksumSHA256 !== ChecksumSHA256) {
    throw new TrunklineError('S3_CHECKSUM_MISMATCH', {
      message: `S3 states another SHA-256 for part ${number} of ${key} than was sent.`,
      remedy: 'The object is sent again; look for what alters requests on their way when it returns.',
    });
  }
  return { PartNumber: number, ETag: answer.ETag ?? '', ChecksumSHA256 };
}

async function complete(
  bucket: Bucket,
  { key, condition }: Omit<PutRequest, 'body'>,
  uploadId: string,
  parts: CompletedPart[],
  composite: string,
  signal: AbortSignal | undefined,
): Promise<PutAnswer> {
  // S3 puts the parts together before it answers, which takes minutes for the largest.
  return bucket.ask('s3:PutObject', key, signal, 10 * requestMs, async (abortSignal) => {
    try {
      const answer = await bucket.client.send(
        new CompleteMultipartUploadCommand({
          Bucket: bucket.name,
          Key: key,
          UploadId: uploadId,
          MultipartUpload: { Parts: parts },
          ...(condition === 'absent' ? { IfNoneMatch: '*' } : {}),
        }),
        { abortSignal },
      );
      return {
        kind: 'stored',
        facts: {
          etag: answer.ETag ?? '',
          encryption: answer.ServerSideEncryption ?? null,
          kmsKeyId: answer.SSEKMSKeyId ?? null,
          checksumSha256: answer.ChecksumSHA256 ?? null,
          versionId: answer.VersionId ?? null,
        },
        expectedChecksum: composite,
      };
    } catch (error) {
      const refused = refusalOf(error, condition);
      if (refused === null) throw error;
      return { kind: refused };
    }
  });
}

/** Without the caller's signal: parts that are left behind cost money unseen. */
async function abort(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  await bucket.ask('s3:AbortMultipartUpload', key, undefined, requestMs, (abortSignal) =>
    bucket.client.send(
      new AbortMultipartUploadCommand({ Bucket: bucket.name, Key: key, UploadId: uploadId }),
      { abortSignal },
    ),
  );
}

async function* inParts(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for await (let chunk of source) {
    while (bytes + chunk.length >= size) {
      const taken = size - bytes;
      gathered.push(chunk.subarray(0, taken));
      yield Buffer.concat(gathered);
      gathered = [];
      bytes = 0;
      chunk = chunk.subarray(taken);
    }
    if (chunk.length > 0) gathered.push(chunk);
    bytes += chunk.length;
  }
  if (bytes > 0) yield Buffer.concat(gathered);
}

function contentChanged(key: string): TrunklineError {
  return new TrunklineError('S3_CHECKSUM_MISMATCH', {
    message: `What was to be stored as ${key} differed when it was read a second time.`,
    remedy: 'It is tried again.',
  });
}
