import { createHash } from 'node:crypto';

/**
 * The Redis keys that all processes of a client id share. They hold a digest of the client id, not the id.
 * @param keyPrefix start of the deployment's keys, hash tag included
 */
export function sharedKeys(
  keyPrefix: string,
  clientId: string,
): { bucket: string; pause: string; history: string } {
  const digest = createHash('sha256').update(clientId).digest('hex').slice(0, 16);
  const keyOf = (what: string): string => `${keyPrefix}:genesys:${what}:${digest}`;
  return { bucket: keyOf('rate'), pause: keyOf('pause'), history: keyOf('history') };
}
