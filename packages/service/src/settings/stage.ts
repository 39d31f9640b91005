import { z } from 'zod';
import { optionalSetting, secondsAsMs, setting, type Values } from './setting.ts';

/** Where archives lie, sealed, between download and upload. The key comes from PAYLOAD_KEY or PAYLOAD_KMS_KEY_ARN. */
export const stageSettings = {
  url: setting({
    env: 'STAGE_URL',
    schema: z
      .string()
      .regex(
        /^(file:\/\/\/.+|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/.*)?)$/,
        'must be file:///folder or s3://bucket/prefix',
      )
      .transform((text) => text.replace(/\/+$/, '')),
    default: 'file:///var/lib/trunkline/stage',
    summary:
      'the encrypted stage of the archive pipeline, shared by fetcher, redactor and uploader: `file:///folder` (one machine, or a shared disk) or `s3://bucket/prefix`',
  }),
  kmsKeyArn: optionalSetting({
    env: 'PAYLOAD_KMS_KEY_ARN',
    schema: z
      .string()
      .regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:(key|alias)\/.+$/, 'must be the ARN of a KMS key'),
    summary: 'KMS key that seals the stage instead of PAYLOAD_KEY (which still opens what it sealed)',
  }),
  keepFailedMs: setting({
    env: 'STAGE_KEEP_FAILED_SECONDS',
    schema: secondsAsMs(60),
    default: String(14 * 86_400),
    summary: 'how long the stage files of windows that stand failed are kept',
  }),
} as const;

export type StageSettings = Values<typeof stageSettings>;
