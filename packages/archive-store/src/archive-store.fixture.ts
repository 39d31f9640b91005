/** A bucket of a test's own on the real S3, and hands that spoil single answers of it on the wire's side of the client. */
import { createHash, randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ArchiveComplianceJob, ArchiveWindow } from '@trunkline/contracts';
import { inject } from 'vitest';
import { Bucket, type EncryptionChoice } from './bucket.ts';
import { compress, contentTypeOf } from './compression.ts';
import { manifestDetails } from './erasure.ts';
import { writeIndex } from './index-object.ts';
import type { ArchiveFormat } from './keys.ts';
import { type Manifest, Manifests, type StoredManifest } from './manifest.ts';
import { putOnce } from './put-once.ts';
import { openS3 } from './s3.ts';

interface WireAnswer {
  statusCode: number;
  headers: Record<string, string>;
  body?: unknown;
}
interface WireRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
}

/** What becomes of an answer: another one, or an error. */
type Spoil = (request: WireRequest, answer: WireAnswer) => WireAnswer | undefined;

export interface TestBucket {
  bucket: Bucket;
  client: S3Client;
  /** Spoils answers from now on; `null`: no more. */
  spoil: (spoil: Spoil | null) => void;
  /** Requests so far, as `PUT key`. */
  requests: string[];
}

export async function testBucket(
  options: { encryption?: EncryptionChoice | null; defaultEncryption?: boolean; lock?: boolean } = {},
): Promise<TestBucket> {
  const s3 = inject('s3');
  process.env['AWS_ACCESS_KEY_ID'] = s3.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = s3.secretAccessKey;
  const client = openS3({ region: s3.region, endpoint: s3.endpoint, forcePathStyle: null });
  const name = `store-${randomBytes(6).toString('hex')}`;
  await client.send(
    new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: options.lock === true }),
  );
  if (options.defaultEncryption !== false) await encryptByDefault(client, name);
  await client.send(
    new PutPublicAccessBlockCommand({
      Bucket: name,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  let spoil: Spoil | null = null;
  const requests: string[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as WireRequest;
      requests.push(`${request.method} ${request.path}`);
      const result = await next(args);
      const changed = spoil?.(request, result.response as WireAnswer);
      if (changed !== undefined) result.response = changed;
      return result;
    },
    // Behind the parser of answers, so that it reads the spoiled one.
    { step: 'deserialize', priority: 'low', name: 'spoil' },
  );
  const encryption = options.encryption === undefined ? { algorithm: 'AES256' as const } : options.encryption;
  return {
    bucket: new Bucket(client, { bucket: name, prefix: 'acme/' }, encryption),
    client,
    spoil: (next) => {
      spoil = next;
    },
    requests,
  };
}

export async function encryptByDefault(client: S3Client, name: string): Promise<void> {
  await client.send(
    new PutBucketEncryptionCommand({
      Bucket: name,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    }),
  );
}

/** An answer of S3 that is an error. */
export function s3Error(statusCode: number, code: string, message = 'in a test'): WireAnswer {
  return {
    statusCode,
    headers: { 'content-type': 'application/xml' },
    body: Buffer.from(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    ),
  };
}

export async function* bytesOf(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function windowOf(day: string): ArchiveWindow {
  const from = `${day}T00:00:00.000Z`;
  return {
    id: `BATCH_${day.replaceAll('-', '')}`,
    from,
    to: new Date(Date.parse(from) + 86_400_000).toISOString(),
    mediaTypes: ['chat', 'voice'],
  };
}

/** Conversations as they are stored: id and token told by a number. */
export function conversation(number: number): { id: string; token: string; text: string } {
  const token = `PHONE-${sha256(`phone ${number}`).slice(0, 16)}`;
  return {
    id: `c-${number}`,
    token,
    text: JSON.stringify({ conversationId: `c-${number}`, transcripts: [token] }),
  };
}

/**
 * Archives a window of `count` conversations in batches of two, as an uploader does.
 * @param missingTexts that the first of them is without
 */
export async function archiveDay(
  bucket: Bucket,
  day: string,
  count: number,
  format: ArchiveFormat = 'gzip',
  missingTexts = 0,
): Promise<StoredManifest> {
  const window = windowOf(day);
  const number = Number(day.slice(8));
  const conversations = Array.from({ length: count }, (_, n) => conversation(number * 1_000 + n));
  const objects: Manifest['objects'] = [];
  const entries: { id: string; object: string; line: number; tokens: string[]; missingTexts?: number }[] = [];
  for (let from = 0; from < count; from += 2) {
    const batch = `b${String(objects.length + 1).padStart(5, '0')}`;
    const members = conversations.slice(from, from + 2);
    const text = members.map((member) => `${member.text}\n`).join('');
    const stored = await putOnce(bucket, {
      keyOf: (generation) => bucket.keys.batch(window.id, batch, sha256(text), generation, format),
      content: () => compress(format, bytesOf(text)),
      contentType: contentTypeOf(format),
      storageClass: 'STANDARD_IA',
    });
    members.forEach(({ id, token }, line) => {
      const missing = entries.length === 0 ? missingTexts : 0;
      entries.push({ id, object: stored.key, line, tokens: [token], missingTexts: missing });
    });
    objects.push({
      ...stored,
      batch,
      conversations: members.length,
      deadLettered: 0,
      missingTexts: objects.length === 0 ? missingTexts : 0,
      entities: { PHONE: members.length },
      sourceSha256: sha256(text),
      redactedBytes: text.length,
      engineVersion: '1',
      keyId: null,
    });
  }
  const index = await writeIndex(
    bucket,
    window.id,
    async function* () {
      yield* entries;
    },
    'STANDARD_IA',
  );
  const { stored } = await new Manifests(bucket).create({
    v: 1,
    revision: 1,
    window,
    flow: sha256(day).slice(0, 12),
    createdAt: `${day}T03:00:00.000Z`,
    source: { pages: 1, bytes: 1_000, sha256: sha256(day), integrity: 'verified' },
    layout: 'batches',
    format,
    counts: { conversations: count, deadLettered: 0, erased: 0, missingTexts },
    objects,
    index,
    metrics: {
      bytes_transferred: objects.reduce((sum, { bytes }) => sum + bytes, 0),
      duration_seconds: 1,
      throughput_mbps: 1,
      estimated_cost_usd: 0.1,
      sourceBytes: 1_000,
    },
    recordId: `${window.id}-SUCCESS`,
    erasures: [],
    release: null,
    replacements: [],
  });
  return stored;
}

/** The compliance record of a window that was archived. */
export function successOf(stored: StoredManifest): ArchiveComplianceJob {
  const { manifest } = stored;
  return {
    v: 1,
    recordId: manifest.recordId,
    timestamp: manifest.createdAt,
    action: 'ARCHIVE_OFFLOAD',
    conversationId: manifest.window.id,
    status: 'SUCCESS',
    checksum: manifest.source.sha256,
    errorCode: null,
    details: { ...manifestDetails(stored) },
    traceId: 'trace',
  };
}
