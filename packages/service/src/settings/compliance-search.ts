import { z } from 'zod';
import { setting } from './setting.ts';

/** The searchable copy of the compliance chain; the chain itself lies in the bucket. */
export const complianceSearchSettings = {
  search: setting({
    env: 'COMPLIANCE_SEARCH',
    schema: z.enum(['elasticsearch', 'none'], 'must be elasticsearch or none'),
    default: 'elasticsearch',
    summary:
      'where compliance records can be searched beside the chain in the bucket: `elasticsearch` or `none`',
  }),
  index: setting({
    env: 'COMPLIANCE_INDEX',
    schema: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9._-]{0,100}$/,
        'must be lower-case letters, digits, dots, dashes or underscores',
      ),
    default: 'trunkline-compliance',
    summary: 'index of the compliance records',
  }),
} as const;
