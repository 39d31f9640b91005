import { Bucket, openS3 } from '@trunkline/archive-store';
import type { s3Settings, Values } from '@trunkline/service';

/** Runs something with the archive's bucket, and closes its connections. */
export async function withBucket<T>(
  settings: Values<typeof s3Settings>,
  use: (bucket: Bucket) => Promise<T>,
): Promise<T> {
  const client = openS3(settings);
  try {
    return await use(new Bucket(client, settings));
  } finally {
    client.destroy();
  }
}
