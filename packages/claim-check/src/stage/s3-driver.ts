import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { s3StageError, statusOf } from './s3-stage-error.ts';
import type { StageDriver } from './stage.ts';

/** The stage in a bucket, below a prefix. Writes carry `If-None-Match: *`: of several writers of a name one wins. */
export class S3Driver implements StageDriver {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** @param prefix of every key, empty or ending in `/`; @param client stays its owner's, who closes it */
  constructor(client: S3Client, bucket: string, prefix: string) {
    this.#client = client;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  async put(name: string, bytes: Uint8Array): Promise<'written' | 'exists'> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#client.send(new PutObjectCommand({ ...this.#at(name), Body: bytes, IfNoneMatch: '*' }));
        return 'written';
      } catch (error) {
        const status = statusOf(error);
        if (status === 412) return 'exists';
        // Another write of this name was under way at the same moment (409): it decides, look again.
        if (status !== 409 || attempt === 5) throw s3StageError(error, this.#bucket);
      }
    }
  }

  async get(name: string): Promise<Buffer | null> {
    try {
      const { Body: body } = await this.#client.send(new GetObjectCommand(this.#at(name)));
      if (body === undefined) return Buffer.alloc(0);
      const bytes = await body.transformToByteArray();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch (error) {
      if (isMissing(error)) return null;
      throw s3StageError(error, this.#bucket);
    }
  }

  async has(name: string): Promise<boolean> {
    try {
      await this.#client.send(new HeadObjectCommand(this.#at(name)));
      return true;
    } catch (error) {
      // The answer to HEAD has no body: a missing bucket looks like a missing object, and is found by the next write.
      if (statusOf(error) === 404) return false;
      throw s3StageError(error, this.#bucket);
    }
  }

  async *list(prefix: string): AsyncGenerator<{ name: string; bytes: number; writtenAt: number }> {
    let token: string | undefined;
    do {
      const page = await this.#sent(
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: this.#bucket,
            Prefix: `${this.#prefix}${prefix}`,
            ContinuationToken: token,
          }),
        ),
      );
      for (const { Key: key, Size: bytes, LastModified: at } of page.Contents ?? []) {
        if (key === undefined || key.endsWith('/')) continue;
        yield { name: key.slice(this.#prefix.length), bytes: bytes ?? 0, writtenAt: at?.getTime() ?? 0 };
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async removeAll(prefix: string): Promise<number> {
    let removed = 0;
    let keys: string[] = [];
    for await (const { name } of this.list(prefix)) {
      keys.push(`${this.#prefix}${name}`);
      if (keys.length === mostKeysOfOneDelete) {
        removed += await this.#remove(keys);
        keys = [];
      }
    }
    return keys.length === 0 ? removed : removed + (await this.#remove(keys));
  }

  async remove(name: string): Promise<void> {
    await this.#remove([this.#at(name).Key]);
  }

  /** Half an object does not exist in S3. */
  async removeLeftOvers(): Promise<number> {
    return 0;
  }

  async check(): Promise<void> {
    const probe = { Bucket: this.#bucket, Key: `${this.#prefix}check/${process.pid}-${Date.now()}` };
    await this.#sent(this.#client.send(new PutObjectCommand({ ...probe, Body: 'check' })));
    await this.#remove([probe.Key]);
  }

  #at(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
  }

  async #remove(keys: readonly string[]): Promise<number> {
    const { Errors: errors = [] } = await this.#sent(
      this.#client.send(
        new DeleteObjectsCommand({
          Bucket: this.#bucket,
          Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
        }),
      ),
    );
    const first = errors[0];
    if (first !== undefined)
      throw s3StageError(Object.assign(new Error(), { name: first.Code ?? '' }), this.#bucket);
    return keys.length;
  }

  async #sent<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw s3StageError(error, this.#bucket);
    }
  }
}

/** S3's own limit. */
const mostKeysOfOneDelete = 1_000;

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound');
}
