import { z } from 'zod';

/** SHA-256 in lower-case hex. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A reference to bytes in the encrypted stage (claim check): what a job carries instead of payload. The bytes lie in
 * `chunks` sealed chunks; count, size and digest are of the plain bytes, and are checked when they are read.
 */
export const stagedBlob = z.object({
  name: z.string().min(1),
  chunks: z.number().int().nonnegative(),
  bytes: z.number().int().nonnegative(),
  sha256: sha256Hex,
});
export type StagedBlob = z.infer<typeof stagedBlob>;
