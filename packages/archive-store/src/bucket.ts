/**
 * The archive's bucket: the requests that Trunkline makes of it, errors converted, each small one within a limit of time.
 * Together with `foreign-error.ts`, `multipart.ts`, `bucket-settings.ts` and `bucket-trial.ts` the only files that know the AWS SDK.
 */
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { errorOfS3, statusOf } from './foreign-error.ts';
import { ArchiveKeys } from './keys.ts';

/** What objects are encrypted with when they are stored. */
export type EncryptionChoice =
  | { algorithm: 'AES256' }
  | { algorithm: 'aws:kms' /** id, ARN or alias; `null`: the account's own for S3 */; keyId: string | null };

export interface BucketPlace {
  readonly bucket: string;
  /** S3_PREFIX. */
  readonly prefix: string;
  /** ARCHIVE_KEY_PREFIX: start of the keys of windows behind it, likewise; none where it is left out. */
  readonly keyPrefix?: string;
}

/** An object as S3 describes it. */
export interface ObjectFacts {
  bytes: number;
  etag: string;
  /** As S3 calls it (`AES256`, `aws:kms`, `aws:kms:dsse`); `null`: it states none. */
  encryption: string | null;
  kmsKeyId: string | null;
  /** `null`: S3 states none, which is STANDARD. */
  storageClass: string | null;
  /** Base64; of the whole object, or of the parts' digests with `-<parts>`; `null`: S3 states none. */
  checksumSha256: string | null;
  versionId: string | null;
  /** Until when Object Lock keeps it (ms since 1970); `null`: not, or S3 does not say so to this process. */
  lockedUntil: number | null;
  legalHold: boolean;
}

export interface PutRequest {
  key: string;
  body: Uint8Array | Readable;
  bytes: number;
  /** Base64, of the whole body. */
  checksumSha256: string;
  contentType: string;
  contentEncoding?: string;
  storageClass?: string;
  /** `absent`: nothing may stand there; `{ etag }`: that must; `null`: whatever. */
  condition: 'absent' | { etag: string } | null;
  /** Kept with the object. */
  metadata?: Record<string, string>;
}

export type PutAnswer =
  | {
      kind: 'stored';
      facts: Omit<ObjectFacts, 'bytes' | 'lockedUntil' | 'legalHold' | 'storageClass'>;
      /** What S3 has to state as the object's checksum, base64. */
      expectedChecksum: string;
    }
  /** The condition does not hold. */
  | { kind: 'refused' }
  /** Another write of the same key is under way: to be tried again. */
  | { kind: 'conflict' };

export interface ListedObject {
  key: string;
  bytes: number;
  writtenAt: number;
}

export interface ObjectVersion {
  versionId: string;
  isDeleteMarker: boolean;
}

interface VersionMarker {
  KeyMarker?: string;
  VersionIdMarker?: string;
}

const smallRequestMs = 30_000;
/** Least speed at which a body must pass, so that a limit of time grows with it (bytes a ms: 100 kB/s). */
const leastBytesPerMs = 100;

export class Bucket {
  readonly name: string;
  readonly keys: ArchiveKeys;
  readonly client: S3Client;
  /** `null`: as the bucket's default has it. */
  readonly encryption: EncryptionChoice | null;

  /** @param encryption what is asked for with every object; `null`: the bucket's default */
  constructor(client: S3Client, place: BucketPlace, encryption: EncryptionChoice | null = null) {
    this.client = client;
    this.name = place.bucket;
    this.keys = new ArchiveKeys(place.prefix, place.keyPrefix);
    this.encryption = encryption;
  }

  /** @returns `null` where there is no such object; @throws TrunklineError with an S3_ code */
  async head(key: string, versionId?: string, signal?: AbortSignal): Promise<ObjectFacts | null> {
    return this.ask('s3:GetObject', key, signal, smallRequestMs, async (abortSignal) => {
      const answer = await absentAsNull(
        this.client.send(
          new HeadObjectCommand({
            ...inBucket(this.name),
            Key: key,
            ChecksumMode: 'ENABLED',
            ...(versionId === undefined ? {} : { VersionId: versionId }),
          }),
          { abortSignal },
        ),
      );
      return answer === null ? null : factsOf(answer, answer.ContentLength ?? 0);
    });
  }

  /**
   * The bytes of an object; S3's checksum is not checked, whoever reads them has a digest of his own.
   * @returns `null` where there is no such object; the stream fails with a TrunklineError
   */
  async get(
    key: string,
    signal?: AbortSignal,
  ): Promise<{ facts: ObjectFacts; body: AsyncIterable<Buffer> } | null> {
    const answer = await this.ask('s3:GetObject', key, signal, null, (abortSignal) =>
      absentAsNull(
        this.client.send(
          new GetObjectCommand({ ...inBucket(this.name), Key: key, ChecksumMode: 'ENABLED' }),
          {
            ...(abortSignal === undefined ? {} : { abortSignal }),
          },
        ),
      ),
    );
    if (answer === null) return null;
    return {
      facts: factsOf(answer, answer.ContentLength ?? 0),
      body: this.#chunks(answer.Body as Readable, key, signal),
    };
  }

  /** A small object, whole. @param maxBytes beyond it the object is none of ours */
  async getSmall(
    key: string,
    maxBytes: number,
    signal?: AbortSignal,
  ): Promise<{ bytes: Buffer; etag: string; facts: ObjectFacts } | null> {
    const deadline = AbortSignal.timeout(smallRequestMs * 2);
    const found = await this.get(key, signal === undefined ? deadline : AbortSignal.any([signal, deadline]));
    if (found === null) return null;
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of found.body) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new RangeError(`the object ${key} is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), etag: found.facts.etag, facts: found.facts };
  }

  async put(request: PutRequest, signal?: AbortSignal): Promise<PutAnswer> {
    const limitMs = smallRequestMs + request.bytes / leastBytesPerMs;
    return this.ask('s3:PutObject', request.key, signal, limitMs, async (abortSignal) => {
      try {
        const answer = await this.client.send(new PutObjectCommand(this.#putInput(request)), { abortSignal });
        return {
          kind: 'stored',
          facts: {
            etag: answer.ETag ?? '',
            encryption: answer.ServerSideEncryption ?? null,
            kmsKeyId: answer.SSEKMSKeyId ?? null,
            checksumSha256: answer.ChecksumSHA256 ?? null,
            versionId: answer.VersionId ?? null,
          },
          expectedChecksum: request.checksumSha256,
        };
      } catch (error) {
        const refused = refusalOf(error, request.condition);
        if (refused === null) throw error;
        return { kind: refused };
      }
    });
  }

  /** Nothing there is no error. */
  async delete(key: string, versionId?: string, signal?: AbortSignal): Promise<void> {
    const action = versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    await this.ask(action, key, signal, smallRequestMs, (abortSignal) =>
      absentAsNull(
        this.client.send(
          new DeleteObjectCommand({
            ...inBucket(this.name),
            Key: key,
            ...(versionId === undefined ? {} : { VersionId: versionId }),
          }),
          { abortSignal },
        ),
      ),
    );
  }

  /** Objects whose key starts with `prefix`, in the order of keys. @param startAfter leaves out keys up to this one */
  async *list(prefix: string, startAfter?: string, signal?: AbortSignal): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const page = await this.ask('s3:ListBucket', null, signal, smallRequestMs, (abortSignal) =>
        this.client.send(
          new ListObjectsV2Command({
            ...inBucket(this.name),
            Prefix: prefix,
            ...(token !== undefined
              ? { ContinuationToken: token }
              : startAfter === undefined
                ? {}
                : { StartAfter: startAfter }),
          }),
          { abortSignal },
        ),
      );
      for (const { Key, Size, LastModified } of page.Contents ?? []) {
        yield { key: Key ?? '', bytes: Size ?? 0, writtenAt: LastModified?.getTime() ?? 0 };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** All versions and delete markers of one key, the newest first; a bucket without versioning has one, `null`. */
  async *versions(key: string, signal?: AbortSignal): AsyncGenerator<ObjectVersion> {
    let marker: VersionMarker | null = {};
    while (marker !== null) {
      const asked: VersionMarker = marker;
      const page: ListObjectVersionsCommandOutput = await this.ask(
        's3:ListBucketVersions',
        null,
        signal,
        smallRequestMs,
        (abortSignal) =>
          this.client.send(new ListObjectVersionsCommand({ ...inBucket(this.name), Prefix: key, ...asked }), {
            abortSignal,
          }),
      );
      for (const version of page.Versions ?? []) {
        if (version.Key === key) yield { versionId: version.VersionId ?? 'null', isDeleteMarker: false };
      }
      for (const version of page.DeleteMarkers ?? []) {
        if (version.Key === key) yield { versionId: version.VersionId ?? 'null', isDeleteMarker: true };
      }
      marker =
        page.IsTruncated === true && page.NextKeyMarker !== undefined
          ? {
              KeyMarker: page.NextKeyMarker,
              ...(page.NextVersionIdMarker === undefined
                ? {}
                : { VersionIdMarker: page.NextVersionIdMarker }),
            }
          : null;
    }
  }

  /**
   * Makes one request, with its limit of time, and converts its error.
   * @param limitMs `null`: the limit is the caller's
   * @throws the signal's reason where the caller has aborted
   */
  async ask<T>(
    action: string,
    key: string | null,
    signal: AbortSignal | undefined,
    limitMs: number | null,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const limits = [
      ...(signal === undefined ? [] : [signal]),
      ...(limitMs === null ? [] : [AbortSignal.timeout(Math.round(limitMs))]),
    ];
    try {
      return await send(AbortSignal.any(limits));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw errorOfS3(error, { action, bucket: this.name, key });
    }
  }

  /** The headers that ask for encryption. */
  get encryptionInput(): Pick<PutObjectCommandInput, 'ServerSideEncryption' | 'SSEKMSKeyId'> {
    if (this.encryption === null) return {};
    const { algorithm } = this.encryption;
    const keyId = this.encryption.algorithm === 'aws:kms' ? this.encryption.keyId : null;
    return { ServerSideEncryption: algorithm, ...(keyId === null ? {} : { SSEKMSKeyId: keyId }) };
  }

  #putInput(request: PutRequest): PutObjectCommandInput {
    const { condition } = request;
    return {
      ...inBucket(this.name),
      Key: request.key,
      Body: request.body,
      ContentLength: request.bytes,
      ContentType: request.contentType,
      ChecksumAlgorithm: 'SHA256',
      ChecksumSHA256: request.checksumSha256,
      ...this.encryptionInput,
      ...(request.contentEncoding === undefined ? {} : { ContentEncoding: request.contentEncoding }),
      ...(request.storageClass === undefined
        ? {}
        : { StorageClass: request.storageClass as NonNullable<PutObjectCommandInput['StorageClass']> }),
      ...(request.metadata === undefined ? {} : { Metadata: request.metadata }),
      ...(condition === 'absent'
        ? { IfNoneMatch: '*' }
        : condition === null
          ? {}
          : { IfMatch: condition.etag }),
    };
  }

  async *#chunks(body: Readable, key: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) {
        signal?.throwIfAborted();
        yield chunk as Buffer;
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw errorOfS3(error, { action: 's3:GetObject', bucket: this.name, key });
    } finally {
      body.destroy();
    }
  }
}

interface Described {
  ETag?: string | undefined;
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  StorageClass?: string | undefined;
  ChecksumSHA256?: string | undefined;
  VersionId?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
}

function factsOf(answer: Described, bytes: number): ObjectFacts {
  return {
    bytes,
    etag: answer.ETag ?? '',
    encryption: answer.ServerSideEncryption ?? null,
    kmsKeyId: answer.SSEKMSKeyId ?? null,
    storageClass: answer.StorageClass ?? null,
    checksumSha256: answer.ChecksumSHA256 ?? null,
    versionId: answer.VersionId ?? null,
    lockedUntil: answer.ObjectLockRetainUntilDate?.getTime() ?? null,
    legalHold: answer.ObjectLockLegalHoldStatus === 'ON',
  };
}

/** Outside the class, within which TypeScript 7.0 renames members that are called as it is (microsoft/TypeScript#63857). */
function inBucket(name: string): { Bucket: string } {
  return { Bucket: name };
}

async function absentAsNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    // HEAD has no body that could name the bucket: a missing one is found by the gate.
    if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') return null;
    throw error;
  }
}

/** An If-Match on an object that is gone is answered 404. */
export function refusalOf(error: unknown, condition: PutRequest['condition']): 'refused' | 'conflict' | null {
  const status = statusOf(error);
  if (status === 412) return 'refused';
  if (status === 409 && condition !== null) return 'conflict';
  if (status === 404 && typeof condition === 'object' && condition !== null) {
    return (error as Error).name === 'NoSuchBucket' ? null : 'refused';
  }
  return null;
}
