import { z } from 'zod';
import { setting, wholeNumber } from './setting.ts';

/**
 * What a token is made of, beside the key: redactors write tokens by these, and whoever looks for one has to make it alike.
 */
export const tokenFormSettings = {
  mode: setting({
    env: 'REDACTION_MODE',
    schema: z.enum(['canonical', 'guide'], 'must be canonical or guide'),
    default: 'canonical',
    summary:
      "canonical: one token for every writing of a value; guide: the guide's three expressions, each hashing exactly what it matched",
  }),
  region: setting({
    env: 'REDACTION_REGION',
    schema: z.string().regex(/^[A-Z]{2}$/, 'must be a country of ISO 3166 such as US'),
    default: 'US',
    summary: 'country whose national telephone numbers are meant where a conversation names none',
  }),
  hexLength: setting({
    env: 'REDACTION_TOKEN_HEX',
    schema: wholeNumber(16, 64),
    default: '16',
    summary: 'hex digits of a token',
  }),
} as const;
