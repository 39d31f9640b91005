import { z } from 'zod';
import { commaList, setting } from './setting.ts';

/** 32 random bytes in base64, as `openssl rand -base64 32` writes them. */
const payloadKey = z
  .string()
  .refine(
    (text) => Buffer.from(text, 'base64').length === 32,
    'must be base64 of 32 bytes (`openssl rand -base64 32`)',
  )
  .transform((text) => Buffer.from(text, 'base64'));

/** Keys that seal payloads outside of Elasticsearch and S3. */
export const payloadSettings = {
  payloadKeys: setting({
    env: 'PAYLOAD_KEY',
    schema: commaList(payloadKey),
    secret: true,
    summary: 'base64 of 32 bytes; several with commas: the first seals, all open (key rotation)',
  }),
} as const;
