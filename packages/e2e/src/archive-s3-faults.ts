import type { ArchiveSystem, Interference, ProxiedRequest } from '@trunkline/test-kit';

/** An error as S3 answers it. */
export function s3Error(status: number, code: string): Interference {
  return {
    kind: 'answer',
    status,
    body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>in a test</Message></Error>`,
    headers: { 'content-type': 'application/xml' },
  };
}

/** A request that stores conversations. */
export function isUpload({ method, path }: ProxiedRequest): boolean {
  return method === 'PUT' && path.includes('/archives/');
}

/** Keys of the stored conversations, with their ETags. */
export async function storedObjects(system: ArchiveSystem): Promise<Record<string, string>> {
  const objects: Record<string, string> = {};
  for await (const { key } of system.bucket.list(system.bucket.keys.archives(null))) {
    objects[key] = (await system.bucket.head(key))?.etag ?? '';
  }
  return objects;
}
