import { z } from 'zod';
import { optionalSetting, setting } from './setting.ts';

/** UTF-8 text, or bytes as `base64:...`. */
const tokenizationKey = z
  .string()
  .transform((text) =>
    text.startsWith('base64:') ? Buffer.from(text.slice(7), 'base64') : Buffer.from(text, 'utf8'),
  )
  .refine((key) => key.length >= 32, 'must be at least 32 bytes (`openssl rand -base64 48`)');

/** The key that personal data are tokenised with; the compliance chain's key is derived from it. */
export const tokenSettings = {
  key: setting({
    env: 'TOKENIZATION_KEY',
    schema: tokenizationKey,
    secret: true,
    summary:
      'key of the tokens that stand for personal data: text or `base64:...`, at least 32 bytes. Keep it: with another key the same person has other tokens',
  }),
  keyId: optionalSetting({
    env: 'TOKENIZATION_KEY_ID',
    schema: z.string().regex(/^[A-Za-z0-9]{1,16}$/, 'must be 1 to 16 letters and digits'),
    summary: 'shown in tokens (`PHONE-<id>.<hex>`), to tell keys apart when they are rotated',
  }),
} as const;
